using System.Collections.Frozen;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Providers.PayHero;

/// <summary>
/// M-PESA result codes as data. A code is a string: Safaricom also sends words (SFC_IC0003).
/// A code that is not here is a failure, kept with its code for support.
/// </summary>
internal static class PayHeroResultCodes
{
    private static readonly FrozenDictionary<string, (ReportedOutcome Outcome, string? Reason)> ByCode =
        new Dictionary<string, (ReportedOutcome, string?)>(StringComparer.Ordinal)
        {
            ["0"] = (ReportedOutcome.Paid, null),
            ["1"] = (ReportedOutcome.Failed, Reasons.InsufficientFunds),
            ["17"] = (ReportedOutcome.Failed, Reasons.ProviderError),
            ["26"] = (ReportedOutcome.Failed, Reasons.Busy),
            ["1001"] = (ReportedOutcome.Failed, Reasons.Busy),
            ["1019"] = (ReportedOutcome.Expired, Reasons.PromptExpired),
            ["1025"] = (ReportedOutcome.Failed, Reasons.ProviderError),
            ["9999"] = (ReportedOutcome.Failed, Reasons.ProviderError),
            ["1031"] = (ReportedOutcome.Cancelled, Reasons.CancelledByBuyer),
            ["1032"] = (ReportedOutcome.Cancelled, Reasons.CancelledByBuyer),
            // Also sent when the phone was merely slow: the page may end, but a new prompt waits until PayHero was asked.
            ["1037"] = (ReportedOutcome.Lapsed, Reasons.Unreachable),
            ["2001"] = (ReportedOutcome.Failed, Reasons.WrongPin),
            ["4999"] = (ReportedOutcome.Pending, null),
            ["500.001.1001"] = (ReportedOutcome.Pending, null),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    public static (ReportedOutcome Outcome, string? Reason) Read(string code, string? description) =>
        // One document calls 1 "cancelled by user", Safaricom means "not enough money": the words decide.
        code != "0" && SaysCancelled(description)
            ? (ReportedOutcome.Cancelled, Reasons.CancelledByBuyer)
            : ByCode.GetValueOrDefault(code, (ReportedOutcome.Failed, Reasons.ProviderError));

    public static bool SaysCancelled(string? words) => words?.Contains("cancel", StringComparison.OrdinalIgnoreCase) == true;
}
