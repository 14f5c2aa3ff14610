using System.Globalization;

namespace LongPoll.Server.Payments;

/// <summary>An amount in the minor units of its currency (30000 KES is KSh 300.00).</summary>
internal readonly record struct Money(long Minor, string Currency)
{
    /// <summary>Major units with exactly as many decimals as the currency has, so that the same amount always prints the same.</summary>
    public decimal Major => new(
        lo: unchecked((int)Math.Abs(Minor)),
        mid: unchecked((int)(Math.Abs(Minor) >> 32)),
        hi: 0,
        isNegative: Minor < 0,
        scale: (byte)(Currencies.Decimals(Currency) ?? 2));

    /// <summary>Converts major units; null when the amount has more decimals than the currency, or does not fit.</summary>
    public static Money? FromMajor(decimal major, string currency)
    {
        if (Currencies.Decimals(currency) is not { } decimals)
        {
            return null;
        }

        for (var i = 0; i < decimals; i++)
        {
            if (Math.Abs(major) > long.MaxValue / 10m)
            {
                return null;
            }

            major *= 10;
        }

        return major == decimal.Truncate(major) && Math.Abs(major) < long.MaxValue ? new Money((long)major, currency) : null;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major} {Currency}");
}

/// <summary>How many decimals each currency that a provider here can charge has (ISO 4217).</summary>
internal static class Currencies
{
    private static readonly Dictionary<string, int> DecimalsByCode = new(StringComparer.Ordinal)
    {
        ["AED"] = 2,
        ["ARS"] = 2,
        ["AUD"] = 2,
        ["BDT"] = 2,
        ["BHD"] = 3,
        ["BIF"] = 0,
        ["BRL"] = 2,
        ["BWP"] = 2,
        ["CAD"] = 2,
        ["CHF"] = 2,
        ["CLP"] = 0,
        ["CNY"] = 2,
        ["COP"] = 2,
        ["CZK"] = 2,
        ["DJF"] = 0,
        ["DKK"] = 2,
        ["EGP"] = 2,
        ["ETB"] = 2,
        ["EUR"] = 2,
        ["GBP"] = 2,
        ["GHS"] = 2,
        ["GNF"] = 0,
        ["HKD"] = 2,
        ["HUF"] = 2,
        ["IDR"] = 2,
        ["ILS"] = 2,
        ["INR"] = 2,
        ["ISK"] = 0,
        ["JOD"] = 3,
        ["JPY"] = 0,
        ["KES"] = 2,
        ["KMF"] = 0,
        ["KRW"] = 0,
        ["KWD"] = 3,
        ["LKR"] = 2,
        ["MAD"] = 2,
        ["MGA"] = 2,
        ["MUR"] = 2,
        ["MWK"] = 2,
        ["MXN"] = 2,
        ["MYR"] = 2,
        ["NAD"] = 2,
        ["NGN"] = 2,
        ["NOK"] = 2,
        ["NZD"] = 2,
        ["OMR"] = 3,
        ["PEN"] = 2,
        ["PHP"] = 2,
        ["PKR"] = 2,
        ["PLN"] = 2,
        ["PYG"] = 0,
        ["QAR"] = 2,
        ["RON"] = 2,
        ["RWF"] = 0,
        ["SAR"] = 2,
        ["SEK"] = 2,
        ["SGD"] = 2,
        ["THB"] = 2,
        ["TND"] = 3,
        ["TRY"] = 2,
        ["TWD"] = 2,
        ["TZS"] = 2,
        ["UGX"] = 0,
        ["USD"] = 2,
        ["VND"] = 0,
        ["VUV"] = 0,
        ["XAF"] = 0,
        ["XOF"] = 0,
        ["XPF"] = 0,
        ["ZAR"] = 2,
        ["ZMW"] = 2,
    };

    public static int? Decimals(string currency) => DecimalsByCode.TryGetValue(currency, out var decimals) ? decimals : null;
}
