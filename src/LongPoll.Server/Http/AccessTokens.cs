using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Http;

/// <summary>
/// The key to one order: an HMAC of its id, so that a replayed request and a mail can give the same one again
/// and nothing has to be stored.
/// </summary>
internal sealed class AccessTokens(IOptions<SecurityOptions> options)
{
    private readonly byte[] _key = Encoding.UTF8.GetBytes(options.Value.Key!);

    public string For(Guid orderId)
    {
        Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"order-access:{orderId:D}"), mac);
        return Base64Url.EncodeToString(mac);
    }

    /// <summary>True when the request carries the token of this order, as <c>Authorization: Bearer</c> or <c>?access_token=</c>.</summary>
    public bool Opens(HttpRequest request, Guid orderId)
    {
        var header = request.Headers.Authorization.ToString();
        var given = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : RequestSecrets.Of(request).AccessToken ?? "";
        return given.Length > 0 && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(For(orderId)));
    }
}
