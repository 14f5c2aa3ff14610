using System.Diagnostics.CodeAnalysis;

namespace LongPoll.Server.Http;

/// <summary>An order's id in an address. Anything that is no UUID is a 400, not a 404.</summary>
internal readonly record struct OrderId(Guid Value) : IParsable<OrderId>
{
    public static OrderId Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException("An order id is a UUID.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out OrderId result)
    {
        // One spelling for one order: the parser itself would take blanks around it and signs within.
        var valid = Guid.TryParseExact(s, "D", out var value) && s.Equals(value.ToString("D"), StringComparison.OrdinalIgnoreCase);
        result = new OrderId(value);
        return valid;
    }
}
