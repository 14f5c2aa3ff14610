using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Hosting;

/// <summary>So many requests in a time.</summary>
internal sealed record RateLimit(int Permits, TimeSpan Window)
{
    /// <summary>More than any client can ask in a window; a counter has no room for more.</summary>
    public const int MostPermits = (1 << RequestCounters.TakenBits) - 1;

    /// <summary>Reads <c>300 / 15 min</c>: a number, a slash, a number, and s, min or h.</summary>
    public static RateLimit? Parse(string text)
    {
        var parts = text.Split('/', StringSplitOptions.TrimEntries);
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var permits) || permits is < 1 or > MostPermits)
        {
            return null;
        }

        var unitAt = parts[1].AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (unitAt < 1 || !int.TryParse(parts[1].AsSpan(0, unitAt), NumberStyles.None, CultureInfo.InvariantCulture, out var length) || length < 1)
        {
            return null;
        }

        return parts[1][unitAt..].Trim() switch
        {
            "s" => new RateLimit(permits, TimeSpan.FromSeconds(length)),
            "min" => new RateLimit(permits, TimeSpan.FromMinutes(length)),
            "h" => new RateLimit(permits, TimeSpan.FromHours(length)),
            _ => null,
        };
    }
}

/// <summary>Which of the limits an endpoint falls under.</summary>
internal sealed record RequestClass(string Name);

/// <summary>
/// The three classes of requests and their limits. Polling counts per client address and order, because thousands of
/// phones share one carrier address. Callbacks and health are not counted.
/// </summary>
internal sealed class RateLimits
{
    public const string Polling = "Polling";
    public const string Api = "Api";
    public const string Public = "Public";

    /// <summary>Key and default of each class.</summary>
    public static readonly IReadOnlyDictionary<string, string> Defaults = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Polling] = "300 / 15 min",
        [Api] = "100 / 15 min",
        [Public] = "30 / 1 min",
    };

    private readonly RequestDelegate _next;
    private readonly PaymentMetrics _metrics;
    private readonly string? _apiKey;
    private readonly Dictionary<string, RequestCounters> _counters;

    public RateLimits(RequestDelegate next, IConfiguration configuration, IOptions<OrdersOptions> orders, PaymentMetrics metrics, TimeProvider clock)
    {
        (_next, _metrics, _apiKey) = (next, metrics, orders.Value.ApiKey);
        _counters = Defaults.Keys.ToDictionary(name => name, name => new RequestCounters(Find(configuration, name)!, clock), StringComparer.Ordinal);
    }

    public static RateLimit? Find(IConfiguration configuration, string name) =>
        RateLimit.Parse(configuration[$"RateLimits:{name}"] is { Length: > 0 } configured ? configured : Defaults[name]);

    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<RequestClass>() is not { Name: var name } || IsExempt(http, name))
        {
            return _next(http);
        }

        var counters = _counters[name];
        return counters.TryTake(ClientOf(http, name), out var retryAfter) ? _next(http) : RefuseAsync(http, name, counters.Limit, retryAfter);
    }

    // The shop's server makes the orders of all its buyers from one address.
    private bool IsExempt(HttpContext http, string name) => name == Api && !string.IsNullOrEmpty(_apiKey) && CreateAccess.HasKey(http.Request, _apiKey);

    private static ClientKey ClientOf(HttpContext http, string name) => new(
        // Not from http.Connection: that is one more object for each parked page.
        Network(http.Features.Get<IHttpConnectionFeature>()?.RemoteIpAddress),
        name == Public ? Guid.Empty : SubjectOf(http.Request.RouteValues));

    // An order or a payment link by its id. Not by the short code of a link's page: whoever guesses codes would have a new count for each.
    private static Guid SubjectOf(RouteValueDictionary route) =>
        OrderId.TryParse(route["id"] as string, null, out var order) ? order.Value : Guid.Empty;

    // A home or a phone has a whole /64 of IPv6 addresses; an IPv4 address is counted as itself.
    internal static UInt128 Network(IPAddress? address)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (address?.MapToIPv6() is not { } mapped || !mapped.TryWriteBytes(bytes, out _))
        {
            return UInt128.Zero;
        }

        if (!mapped.IsIPv4MappedToIPv6)
        {
            bytes[8..].Clear();
        }

        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private async Task RefuseAsync(HttpContext http, string name, RateLimit limit, TimeSpan retryAfter)
    {
        _metrics.Limited(name);
        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        RetryAfter.Set(http.Response, (int)Math.Ceiling(retryAfter.TotalSeconds), spread: 5);
        await http.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = { Status = StatusCodes.Status429TooManyRequests, Detail = $"At most {limit.Permits} requests in {limit.Window} from one address." },
        });
    }
}

internal static class RateLimitExtensions
{
    /// <summary>Counts the requests of these endpoints under a class of <see cref="RateLimits"/>.</summary>
    public static TBuilder Limit<TBuilder>(this TBuilder endpoints, string requestClass)
        where TBuilder : IEndpointConventionBuilder => endpoints.WithMetadata(new RequestClass(requestClass));
}
