using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LongPoll.Server.Providers.Stripe;

/// <summary>
/// <c>Stripe-Signature: t=&lt;unix&gt;,v1=&lt;hex&gt;[,v1=&lt;hex&gt;]</c>: HMAC-SHA256 of the time, a dot and the bytes as they came,
/// with the whole secret as key. Several v1 stand there while a secret is being rolled; v0 is for Stripe's own tests.
/// </summary>
internal sealed class StripeSignature
{
    /// <summary>A message older than this, or from further in the future, is no message of now. Retries are signed afresh.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(300);

    private const int MostSignatures = 16;

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly string _time;
    private readonly List<byte[]> _signatures;

    private StripeSignature(string time, List<byte[]> signatures) => (_time, _signatures) = (time, signatures);

    /// <summary>Null when the header has another form, or its time is too far from now.</summary>
    public static StripeSignature? Read(string? header, DateTimeOffset now)
    {
        string? time = null;
        var signatures = new List<byte[]>();
        foreach (var part in (header ?? "").Split(',', MostSignatures * 2, StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith("t=", StringComparison.Ordinal) && time is null)
            {
                time = part[2..];
            }
            else if (part.StartsWith("v1=", StringComparison.Ordinal) && part.Length == 3 + (HMACSHA256.HashSizeInBytes * 2)
                && signatures.Count < MostSignatures && !part.AsSpan(3).ContainsAnyExcept(HexDigits))
            {
                signatures.Add(Convert.FromHexString(part.AsSpan(3)));
            }
        }

        return long.TryParse(time, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && Math.Abs((decimal)now.ToUnixTimeSeconds() - seconds) <= (decimal)Tolerance.TotalSeconds
            && signatures.Count > 0
            ? new StripeSignature(time, signatures)
            : null;
    }

    /// <summary>True when one of the signatures is right under one of the secrets. Takes the same time whichever it is.</summary>
    public bool IsGoodFor(ReadOnlySpan<byte> body, IReadOnlyList<string> secrets)
    {
        var signed = new byte[_time.Length + 1 + body.Length];
        Encoding.ASCII.GetBytes(_time, signed);
        signed[_time.Length] = (byte)'.';
        body.CopyTo(signed.AsSpan(_time.Length + 1));

        var good = false;
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed, expected);
            foreach (var signature in _signatures)
            {
                good |= CryptographicOperations.FixedTimeEquals(expected, signature);
            }
        }

        return good;
    }
}
