using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Providers.PhonePe;

/// <summary>
/// PhonePe's two proofs. v1: <c>X-VERIFY: hex(SHA256(text + salt key))###index</c>, over the text as it was sent; no HMAC.
/// v2: <c>Authorization: hex(SHA256(user:password))</c>, the same for every message, so it says nothing about the body.
/// </summary>
internal sealed class PhonePeSecrets(IOptions<PhonePeOptions> options)
{
    private const string Separator = "###";
    private const string Scheme = "SHA256";

    public string Sign(string text)
    {
        var (key, index) = options.Value.Salts[0];
        return Hex(text + key) + Separator + index;
    }

    /// <summary>True when the header has the form of a signature under one of our keys; whether it is right, the body tells.</summary>
    public bool MayBeSigned(string? verify) => KeyOf(verify) is not null;

    public bool IsSigned(string? verify, string text) =>
        KeyOf(verify) is { } key && Same(verify!.Split(Separator)[0], Hex(text + key));

    public bool IsAuthorized(string? authorization)
    {
        if (!options.Value.TakesWebhooks || string.IsNullOrEmpty(authorization))
        {
            return false;
        }

        var given = authorization.Trim();
        if (given.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            given = given[Scheme.Length..].Trim();
        }

        return Same(given, Hex($"{options.Value.WebhookUser}:{options.Value.WebhookPassword}"));
    }

    private string? KeyOf(string? verify) =>
        verify?.Split(Separator) is [{ Length: SHA256.HashSizeInBytes * 2 }, var index]
            ? options.Value.Salts.FirstOrDefault(salt => salt.Index == index.Trim()).Key
            : null;

    private static string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static bool Same(string given, string expected) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given.ToLowerInvariant()), Encoding.ASCII.GetBytes(expected));
}
