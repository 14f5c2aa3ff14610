using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace LongPoll.Server.Providers.PayHero;

/// <summary>
/// PayHero does not sign its callbacks, so the address is the secret. Each push carries an address of its own,
/// good for that attempt alone: the attempt's id and an HMAC of it under the callback token. The plain token
/// serves a callback address set by hand in the dashboard.
/// </summary>
internal sealed class PayHeroSecrets
{
    private const int MacLength = 16;
    private const int SignedLength = 16 + MacLength;

    private readonly byte[][] _keys;
    private readonly byte[][] _plainDigests;

    public PayHeroSecrets(IReadOnlyList<string> tokens)
    {
        _keys = [.. tokens.Select(Encoding.UTF8.GetBytes)];
        _plainDigests = [.. _keys.Select(SHA256.HashData)];
    }

    /// <summary>The token that stands in the callback address of this attempt.</summary>
    public string For(Guid attemptId)
    {
        Span<byte> signed = stackalloc byte[SignedLength];
        attemptId.TryWriteBytes(signed, bigEndian: true, out _);
        Mac(_keys[0], signed[..16], signed[16..]);
        return Base64Url.EncodeToString(signed);
    }

    /// <summary>True for a right token; with it the attempt that the token is good for, or null when it is the plain one.</summary>
    public bool Accept(string? token, out Guid? attemptId)
    {
        attemptId = null;
        if (string.IsNullOrEmpty(token))
        {
            return false;
        }

        // Compared by digest: the time taken tells neither content nor length.
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), digest);
        var plain = false;
        foreach (var known in _plainDigests)
        {
            plain |= CryptographicOperations.FixedTimeEquals(digest, known);
        }

        if (plain)
        {
            return true;
        }

        Span<byte> signed = stackalloc byte[SignedLength];
        if (!Base64Url.IsValid(token, out var length) || length != SignedLength || !Base64Url.TryDecodeFromChars(token, signed, out _))
        {
            return false;
        }

        var good = false;
        Span<byte> mac = stackalloc byte[MacLength];
        foreach (var key in _keys)
        {
            Mac(key, signed[..16], mac);
            good |= CryptographicOperations.FixedTimeEquals(mac, signed[16..]);
        }

        attemptId = good ? new Guid(signed[..16], bigEndian: true) : null;
        return good;
    }

    private static void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> attempt, Span<byte> destination)
    {
        Span<byte> text = stackalloc byte[32];
        "payhero-attempt\0"u8.CopyTo(text);
        attempt.CopyTo(text[16..]);
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, text, mac);
        mac[..MacLength].CopyTo(destination);
    }
}
