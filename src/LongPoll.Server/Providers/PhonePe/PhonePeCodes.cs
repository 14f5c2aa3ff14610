using System.Collections.Frozen;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Providers.PhonePe;

/// <summary>
/// PhonePe's codes as data. The list is open: a code that is not here changes nothing, and PhonePe is asked again.
/// </summary>
internal static class PhonePeCodes
{
    public const string Success = "PAYMENT_SUCCESS";
    public const string NotFound = "TRANSACTION_NOT_FOUND";

    private static readonly FrozenDictionary<string, (ReportedOutcome Outcome, string? Reason)> ByCode =
        new Dictionary<string, (ReportedOutcome, string?)>(StringComparer.Ordinal)
        {
            [Success] = (ReportedOutcome.Paid, null),
            ["PAYMENT_ERROR"] = (ReportedOutcome.Failed, Reasons.ProviderError),
            ["PAYMENT_DECLINED"] = (ReportedOutcome.Failed, Reasons.ProviderError),
            ["PAYMENT_CANCELLED"] = (ReportedOutcome.Cancelled, Reasons.CancelledByBuyer),
            ["TIMED_OUT"] = (ReportedOutcome.Expired, Reasons.PromptExpired),
            ["PAYMENT_PENDING"] = (ReportedOutcome.Pending, null),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    // Our mistake, or a payment that never began: no word about the buyer's money.
    private static readonly FrozenSet<string> OurFault =
        FrozenSet.ToFrozenSet([NotFound, "BAD_REQUEST", "AUTHORIZATION_FAILED", "INVALID_TRANSACTION_ID"], StringComparer.Ordinal);

    public static (ReportedOutcome Outcome, string? Reason) Read(string code) => ByCode.GetValueOrDefault(code, (ReportedOutcome.Pending, null));

    /// <summary>False for an error of PhonePe's own, and for a word that nobody has heard before: whoever asked has no answer then.</summary>
    public static bool IsAnswer(string? code) => code is not null && ByCode.ContainsKey(code);

    public static bool IsOurFault(string code) => OurFault.Contains(code);
}
