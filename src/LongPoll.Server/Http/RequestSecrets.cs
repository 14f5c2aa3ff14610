using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace LongPoll.Server.Http;

/// <summary>The secrets that came in the address of a request: a callback's token, an order's access token, the code of a ticket.</summary>
internal sealed record RequestSecrets(string? CallbackToken, string? AccessToken, string? TicketCode = null)
{
    public static readonly RequestSecrets None = new(null, null);

    public static RequestSecrets Of(HttpRequest request) => request.HttpContext.Features.Get<RequestSecrets>() ?? None;
}

/// <summary>
/// Takes secrets out of the address before anything looks at it. The framework writes addresses into its request lines,
/// into the scope of every other line and into traces, all before the first middleware runs; this is earlier.
/// </summary>
internal sealed class SecretKeepingContextFactory(IServiceProvider services) : IHttpContextFactory
{
    private const string CallbackPart = "/callback/";
    private const string TicketPart = "/tickets/";
    private const string Removed = "-";

    private readonly DefaultHttpContextFactory _inner = new(services);

    public HttpContext Create(IFeatureCollection featureCollection)
    {
        if (featureCollection.Get<IHttpRequestFeature>() is { } request)
        {
            var (path, callbackToken) = WithoutToken(request.Path);
            (path, var ticketCode) = WithoutTicketCode(path);
            var (query, queryToken, accessToken) = WithoutTokens(request.QueryString);
            if (callbackToken is not null || queryToken is not null || accessToken is not null || ticketCode is not null)
            {
                (request.Path, request.QueryString, request.RawTarget) = (path, query, path + query);
                featureCollection.Set(new RequestSecrets(callbackToken ?? queryToken, accessToken, ticketCode));
            }
        }

        return _inner.Create(featureCollection);
    }

    public void Dispose(HttpContext httpContext) => _inner.Dispose(httpContext);

    // Whatever stands behind /callback/ may be a token, also in an address that is none of ours.
    private static (string Path, string? Token) WithoutToken(string path)
    {
        var at = path.IndexOf(CallbackPart, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? (path, null) : WithoutPart(path, at + CallbackPart.Length);
    }

    // Whoever has the code of a ticket is let in. The tickets of an order stand under /orders/ and have numbers.
    private static (string Path, string? Code) WithoutTicketCode(string path)
    {
        var at = path.StartsWith("/api/", StringComparison.OrdinalIgnoreCase) ? "/api".Length : 0;
        return path.AsSpan(at).StartsWith(TicketPart, StringComparison.OrdinalIgnoreCase) ? WithoutPart(path, at + TicketPart.Length) : (path, null);
    }

    private static (string Path, string? Part) WithoutPart(string path, int at)
    {
        if (at == path.Length)
        {
            return (path, null);
        }

        var rest = path[at..];
        var end = rest.IndexOf('/', StringComparison.Ordinal);
        return end < 0 ? (path[..at] + Removed, rest) : (path[..at] + Removed + rest[end..], rest[..end]);
    }

    private static (string Query, string? Token, string? AccessToken) WithoutTokens(string query)
    {
        if (!query.Contains("token", StringComparison.OrdinalIgnoreCase))
        {
            return (query, null, null);
        }

        var (token, accessToken) = ((string?)null, (string?)null);
        var kept = new List<KeyValuePair<string, string?>>();
        foreach (var pair in new QueryStringEnumerable(query))
        {
            var (name, value) = (pair.DecodeName().ToString(), pair.DecodeValue().ToString());
            if (name.Equals("token", StringComparison.OrdinalIgnoreCase))
            {
                token = value;
            }
            else if (name.Equals("access_token", StringComparison.OrdinalIgnoreCase))
            {
                accessToken = value;
            }
            else
            {
                kept.Add(new(name, value));
            }
        }

        return (QueryString.Create(kept).Value ?? "", token, accessToken);
    }
}
