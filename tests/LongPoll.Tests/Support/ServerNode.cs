using System.Globalization;
using LongPoll.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace LongPoll.Tests.Support;

/// <summary>
/// The real server on a real port, in this process. Two of them with the same connection strings are two nodes.
/// </summary>
public sealed class ServerNode : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ServerNode(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
        Client = NewClient();
    }

    public Uri Address { get; }

    /// <summary>A client without a time limit of its own: waits are long.</summary>
    public HttpClient Client { get; }

    internal IServiceProvider Services => _app.Services;

    /// <summary>Starts a node. Settings are configuration keys, such as <c>LongPoll:Hold</c>; some parts can be put in the place of its own.</summary>
    public static async Task<ServerNode> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null, string environment = "Development", Action<IServiceCollection>? adjust = null)
    {
        var all = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase)
        {
            ["urls"] = "http://127.0.0.1:0",
            ["environment"] = environment,
            ["Logging:LogLevel:Default"] = "Warning",
            ["LongPoll:DrainTime"] = "00:00:00",

            // All buyers of a test share one address; the limits have tests of their own.
            ["RateLimits:Api"] = "1000000 / 1 min",
            ["RateLimits:Polling"] = "1000000 / 1 min",

            // What happens after a payment has tests of its own, and raises versions that others count.
            ["Fulfilment:Enabled"] = "false",

            // No tick falls into a test by chance.
            ["Jobs:expired-links:Schedule"] = "none",
            ["Jobs:stuck-payments:Schedule"] = "none",
        };
        foreach (var (key, value) in settings ?? new Dictionary<string, string?>(StringComparer.Ordinal))
        {
            all[key] = value;
        }

        var app = LongPollApplication.Build([.. all.Where(s => s.Value is not null).Select(s => string.Create(CultureInfo.InvariantCulture, $"--{s.Key}={s.Value}"))], adjust);
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new ServerNode(app, new Uri(address));
    }

    public HttpClient NewClient() => new(new SocketsHttpHandler { MaxConnectionsPerServer = 10_000 }) { BaseAddress = Address, Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Stops as SIGTERM does: draining first.</summary>
    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
