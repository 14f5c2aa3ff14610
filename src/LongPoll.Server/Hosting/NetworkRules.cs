using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Hosting;

/// <summary>Who may call from a browser, and whose word on the client's address is taken.</summary>
internal static class NetworkRules
{
    /// <summary>An order or a callback is a few KiB.</summary>
    private const int LargestBody = 64 * 1024;

    private static readonly string[] ExposedHeaders = ["ETag", "Location", "Retry-After", "LongPoll-Ending", "Preference-Applied", "Server-Timing"];

    public static void AddNetworkRules(this IServiceCollection services, IConfiguration configuration)
    {
        var origins = List(configuration["Cors:Origins"]);
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(origins)
            .AllowAnyMethod()
            .AllowAnyHeader()
            .WithExposedHeaders(ExposedHeaders)));

        // A reconnect storm arrives faster than it is accepted; the kernel caps this at net.core.somaxconn.
        services.Configure<SocketTransportOptions>(sockets =>
        {
            sockets.Backlog = 8192;

            // Requests are taken up on the pool thread that the socket has woken, and answers sent on the one that wrote them: no
            // second thread is woken for either.
            sockets.UnsafePreferInlineScheduling = true;
        });
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            // Slow clients: a request has this long to say what it wants, and nothing here takes a larger body.
            kestrel.AddServerHeader = false;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MaxRequestBodySize = LargestBody;

            // Nobody needs more read ahead of the request under way.
            kestrel.Limits.MaxRequestBufferSize = LargestBody;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        });

        var (proxies, networks) = Proxies(configuration["Proxies:Known"]);
        services.Configure<ForwardedHeadersOptions>(options =>
        {
            // Without a known proxy nobody's word is taken, whatever the framework's own switch for all proxies says: anybody could
            // write these headers.
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            proxies.ForEach(options.KnownProxies.Add);
            networks.ForEach(options.KnownIPNetworks.Add);
            options.ForwardedHeaders = proxies.Count + networks.Count > 0
                ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
                : ForwardedHeaders.None;
        });
    }

    /// <summary>Takes the word of known proxies. Where none is known nobody is asked: that makes an object of each request's connection.</summary>
    public static void UseKnownProxies(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IOptions<ForwardedHeadersOptions>>().Value.ForwardedHeaders != ForwardedHeaders.None)
        {
            app.UseForwardedHeaders();
        }
    }

    private static (List<IPAddress> Proxies, List<System.Net.IPNetwork> Networks) Proxies(string? configured)
    {
        var (proxies, networks) = (new List<IPAddress>(), new List<System.Net.IPNetwork>());
        foreach (var known in List(configured))
        {
            if (System.Net.IPNetwork.TryParse(known, out var network))
            {
                networks.Add(network);
            }
            else if (IPAddress.TryParse(known, out var address))
            {
                proxies.Add(address);
            }
            else
            {
                throw new BadConfigurationException([$"Proxies:Known: {known} is neither an address nor a network such as 10.0.0.0/8."]);
            }
        }

        return (proxies, networks);
    }

    /// <summary>A configured list, comma between.</summary>
    public static string[] List(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
