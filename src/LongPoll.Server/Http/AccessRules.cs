using System.Security.Cryptography;
using System.Text;
using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Http;

/// <summary>Who may call an endpoint; told from the head of a request alone.</summary>
internal interface IAccessRule
{
    /// <summary>What a caller that may not is told; null for one that may.</summary>
    string? Refusal(HttpContext http);
}

/// <summary>Reading an order needs its token only where <c>LongPoll:RequireAccessToken</c> says so.</summary>
internal sealed class ReadAccess(IOptions<LongPollOptions> options, TokenAccess token) : IAccessRule
{
    public string? Refusal(HttpContext http) => options.Value.RequireAccessToken ? token.Refusal(http) : null;
}

/// <summary>What costs money or shows tickets always needs the order's token.</summary>
internal sealed class TokenAccess(AccessTokens tokens) : IAccessRule
{
    // An id that is none has no token: the endpoint says what is wrong with it.
    public string? Refusal(HttpContext http) =>
        !OrderId.TryParse(http.Request.RouteValues["id"] as string, null, out var order) || tokens.Opens(http.Request, order.Value)
            ? null
            : "The order's access token is missing or wrong.";
}

/// <summary>Who creates an order names its price: the shop's server, by its key, unless browsers are trusted with it.</summary>
internal sealed class CreateAccess(IOptions<OrdersOptions> options) : IAccessRule
{
    public const string Header = "X-Api-Key";

    public string? Refusal(HttpContext http) =>
        options.Value.TrustBrowserPrices || options.Value.ApiKey is null || HasKey(http.Request, options.Value.ApiKey) ? null : $"{Header} is missing or wrong.";

    /// <summary>True when the caller has the configured key.</summary>
    public static bool HasKey(HttpRequest request, string key) => Keys.Equal(request.Headers[Header].ToString(), key);
}

/// <summary>What only administrators may do.</summary>
internal sealed class AdminAccess(IOptions<AdminOptions> options) : IAccessRule
{
    public const string Header = "X-Admin-Key";

    public string? Refusal(HttpContext http) =>
        options.Value.Key is { } key && Keys.Equal(http.Request.Headers[Header].ToString(), key) ? null : $"{Header} is missing or wrong.";
}

/// <summary>What schedulers outside may do.</summary>
internal sealed class CronAccess(IOptions<JobsOptions> options) : IAccessRule
{
    public const string Header = "x-cron-secret";

    public string? Refusal(HttpContext http) =>
        options.Value.CronSecret is { Length: > 0 } secret && Keys.Equal(http.Request.Headers[Header].ToString(), secret) ? null : $"{Header} is missing or wrong.";
}

/// <summary>Compares secrets by digest: the time taken tells neither content nor length.</summary>
internal static class Keys
{
    public static bool Equal(string given, string key) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
