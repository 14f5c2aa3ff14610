namespace LongPoll.Server.Orders;

/// <summary>Kenyan mobile numbers, as people type them.</summary>
internal static class KenyanPhone
{
    /// <summary><c>254</c> and nine digits, or null.</summary>
    public static string? Normalise(string? typed)
    {
        if (typed is not { Length: <= 32 })
        {
            return null;
        }

        var plain = typed.Trim();
        var international = plain.StartsWith('+');
        Span<char> digits = stackalloc char[plain.Length];
        var count = 0;
        foreach (var c in international ? plain.AsSpan(1) : plain)
        {
            if (char.IsAsciiDigit(c))
            {
                digits[count++] = c;
            }
            else if (c is not (' ' or '-'))
            {
                return null;
            }
        }

        var number = digits[..count];
        var subscriber = count switch
        {
            12 when number.StartsWith("254") => number[3..],
            10 when number[0] == '0' && !international => number[1..],
            _ => default,
        };
        return subscriber is ['7' or '1', ..] ? string.Concat("254", subscriber) : null;
    }
}
