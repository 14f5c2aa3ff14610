using System.Net;
using Microsoft.AspNetCore.HttpOverrides;

namespace LongPoll.Server.Hosting;

/// <summary>Who may call from a browser, and whose word on the client's address is taken.</summary>
internal static class NetworkRules
{
    private static readonly string[] ExposedHeaders = ["ETag", "Location", "Retry-After", "LongPoll-Ending", "Preference-Applied", "Server-Timing"];

    public static void AddNetworkRules(this IServiceCollection services, IConfiguration configuration)
    {
        var origins = List(configuration["Cors:Origins"]);
        services.AddCors(cors => cors.AddDefaultPolicy(policy => policy
            .WithOrigins(origins)
            .AllowAnyMethod()
            .AllowAnyHeader()
            .WithExposedHeaders(ExposedHeaders)));

        services.Configure<ForwardedHeadersOptions>(options =>
        {
            // Without a known proxy nobody's word is taken: anybody could write these headers.
            options.KnownProxies.Clear();
            options.KnownIPNetworks.Clear();
            foreach (var known in List(configuration["Proxies:Known"]))
            {
                if (System.Net.IPNetwork.TryParse(known, out var network))
                {
                    options.KnownIPNetworks.Add(network);
                }
                else if (IPAddress.TryParse(known, out var address))
                {
                    options.KnownProxies.Add(address);
                }
                else
                {
                    throw new BadConfigurationException([$"Proxies:Known: {known} is neither an address nor a network such as 10.0.0.0/8."]);
                }
            }

            options.ForwardedHeaders = options.KnownProxies.Count + options.KnownIPNetworks.Count > 0
                ? ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto
                : ForwardedHeaders.None;
        });
    }

    private static string[] List(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
