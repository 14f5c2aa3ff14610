using System.Collections.Frozen;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Providers.Stripe;

/// <summary>
/// Stripe's amounts (docs.stripe.com/currencies): minor units, but not always those of ISO 4217. The Ugandan shilling and the
/// Icelandic króna have no decimals and are sent with two; the ariary has two and is sent with none; of three decimals the last is 0.
/// </summary>
internal static class StripeAmounts
{
    /// <summary>At most eight digits, whatever the currency.</summary>
    private const long Largest = 99_999_999;

    private static readonly FrozenSet<string> NoDecimals = FrozenSet.ToFrozenSet(
        ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"], StringComparer.Ordinal);

    private static readonly FrozenSet<string> ThreeDecimals = FrozenSet.ToFrozenSet(["BHD", "JOD", "KWD", "OMR", "TND"], StringComparer.Ordinal);

    public static long Of(Money money) => (long)(money.Major * Factor(money.Currency));

    /// <summary>Major units of what Stripe wrote.</summary>
    public static decimal ToMajor(long amount, string currency) => amount / (decimal)Factor(currency.ToUpperInvariant());

    public static ChargeRules? RulesFor(string currency) => Currencies.Decimals(currency) is not { } decimals ? null : new ChargeRules(
        Step: ThreeDecimals.Contains(currency) ? 0.01m : Math.Max(1m / Factor(currency), decimals == 0 ? 1m : 0m),
        Least: 1m / Factor(currency),
        Most: Largest / (decimal)Factor(currency));

    private static int Factor(string currency) => NoDecimals.Contains(currency) ? 1 : ThreeDecimals.Contains(currency) ? 1000 : 100;
}
