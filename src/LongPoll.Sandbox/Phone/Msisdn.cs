namespace LongPoll.Sandbox.Phone;

/// <summary>Kenyan mobile numbers in one form, 254 and nine digits, so that 07… and +254… are one phone.</summary>
internal static class Msisdn
{
    /// <summary>The number, or null when this is no Kenyan mobile number.</summary>
    public static string? From(string phone)
    {
        string digits = string.Concat(phone.Where(char.IsAsciiDigit));
        string national = digits switch
        {
            { Length: 12 } when digits.StartsWith("254", StringComparison.Ordinal) => digits[3..],
            { Length: 10 } when digits[0] == '0' => digits[1..],
            _ => digits,
        };
        return national.Length == 9 && national[0] is ('7' or '1') ? $"254{national}" : null;
    }
}
