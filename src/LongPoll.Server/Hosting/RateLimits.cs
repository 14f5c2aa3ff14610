using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Hosting;

/// <summary>So many requests in a time.</summary>
internal sealed record RateLimit(int Permits, TimeSpan Window)
{
    /// <summary>Reads <c>300 / 15 min</c>: a number, a slash, a number, and s, min or h.</summary>
    public static RateLimit? Parse(string text)
    {
        var parts = text.Split('/', StringSplitOptions.TrimEntries);
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var permits) || permits < 1)
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

/// <summary>
/// The three classes of requests and their limits. Polling counts per client address and order, because thousands of
/// phones share one carrier address. Callbacks and health are not counted.
/// </summary>
internal static class RateLimits
{
    public const string Polling = "Polling";
    public const string Api = "Api";
    public const string Public = "Public";

    /// <summary>Key and default of each class; sections 159–161 of the acceptance list.</summary>
    public static readonly IReadOnlyDictionary<string, string> Defaults = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Polling] = "300 / 15 min",
        [Api] = "100 / 15 min",
        [Public] = "30 / 1 min",
    };

    public static RateLimit? Find(IConfiguration configuration, string name) =>
        RateLimit.Parse(configuration[$"RateLimits:{name}"] is { Length: > 0 } configured ? configured : Defaults[name]);

    public static void AddRateLimits(this IServiceCollection services, IConfiguration configuration) => services.AddRateLimiter(options =>
    {
        foreach (var name in Defaults.Keys)
        {
            var limit = Find(configuration, name)!;
            options.AddPolicy(name, http => Exempt(http, name)
                ? RateLimitPartition.GetNoLimiter(new Client(name, IPAddress.None, null))
                : RateLimitPartition.GetSlidingWindowLimiter(ClientOf(http, name), _ => new SlidingWindowRateLimiterOptions
                {
                    PermitLimit = limit.Permits,
                    Window = limit.Window,
                    SegmentsPerWindow = 5,
                }));
        }

        options.OnRejected = RefuseAsync;
    });

    // The shop's server makes the orders of all its buyers from one address.
    private static bool Exempt(HttpContext http, string name) =>
        name == Api
        && http.RequestServices.GetRequiredService<IOptions<OrdersOptions>>().Value.ApiKey is { Length: > 0 } key
        && CreateAccess.HasKey(http.Request, key);

    private static Client ClientOf(HttpContext http, string name) => new(
        name,
        Network(http.Connection.RemoteIpAddress),
        name != Public && OrderId.TryParse(http.Request.RouteValues["id"] as string, null, out var order) ? order.Value : null);

    // A home or a phone has a whole /64 of IPv6 addresses.
    private static IPAddress Network(IPAddress? address)
    {
        if (address is null || address.IsIPv4MappedToIPv6 || address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6)
        {
            return address?.MapToIPv4() ?? IPAddress.None;
        }

        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return new IPAddress(bytes);
    }

    private static async ValueTask RefuseAsync(OnRejectedContext context, CancellationToken cancel)
    {
        var http = context.HttpContext;
        var name = http.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName ?? Api;
        http.RequestServices.GetRequiredService<PaymentMetrics>().Limited(name);
        http.Response.StatusCode = StatusCodes.Status429TooManyRequests;

        // A permit comes back with the next fifth of the window.
        var limit = Find(http.RequestServices.GetRequiredService<IConfiguration>(), name)!;
        RetryAfter.Set(http.Response, (int)Math.Ceiling(limit.Window.TotalSeconds / 5), spread: 5);
        await http.RequestServices.GetRequiredService<IProblemDetailsService>().TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = http,
            ProblemDetails = { Status = StatusCodes.Status429TooManyRequests, Detail = $"At most {limit.Permits} requests in {limit.Window} from one address." },
        });
    }

    private readonly record struct Client(string Class, IPAddress Address, Guid? Order);
}
