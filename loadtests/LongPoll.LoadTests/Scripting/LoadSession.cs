using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Stack;

namespace LongPoll.LoadTests.Scripting;

/// <summary>
/// Buyers, pages and a pretend payment provider for the scripts of other load testers: the same client that this project's
/// own scenarios use, against a server that runs already.
/// </summary>
public sealed class LoadSession : IAsyncDisposable
{
    private readonly TimeProvider _clock = TimeProvider.System;
    private readonly SystemUnderTest _system;
    private readonly EventLoop _loop;
    private readonly CallbackLanes _lanes;

    private LoadSession(SystemUnderTest system, EventLoop loop)
    {
        _system = system;
        _loop = loop;
        _lanes = new CallbackLanes(system.Subject, _clock);
    }

    /// <summary>Finds the server and starts the pretend provider.</summary>
    /// <param name="target">The server. It must run with <c>PayHero__BaseUrl=&lt;listen&gt;/sandbox/payhero</c>.</param>
    /// <param name="listen">Where the pretend provider listens.</param>
    /// <param name="apiKey">What <c>POST /orders</c> needs; null for servers that trust browsers.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <exception cref="RunImpossibleException">The server does not answer, or the address is taken.</exception>
    public static async Task<LoadSession> StartAsync(Uri target, Uri listen, string? apiKey, CancellationToken cancel = default)
    {
        LoadSettings settings = new() { Targets = [target], Listen = listen, ApiKey = apiKey };
        EventLoop loop = new(TimeProvider.System);
        try
        {
            Starter starter = new(settings, loop, TimeProvider.System, Progress.OfConsole(TimeProvider.System));
            return new LoadSession(await starter.StartAsync(cancel), loop);
        }
        catch
        {
            loop.Dispose();
            throw;
        }
    }

    /// <summary>The same with what scripts are told by the environment: <c>TARGET</c>, <c>LISTEN</c>, <c>API_KEY</c>.</summary>
    /// <exception cref="RunImpossibleException">The server does not answer, or the address is taken.</exception>
    public static Task<LoadSession> StartAsync(CancellationToken cancel = default) => StartAsync(
        new Uri(Environment.GetEnvironmentVariable("TARGET") ?? "http://127.0.0.1:5080"),
        new Uri(Environment.GetEnvironmentVariable("LISTEN") ?? "http://127.0.0.1:5099"),
        Environment.GetEnvironmentVariable("API_KEY"),
        cancel);

    /// <summary>Places an order; its push arrives on the pretend phone.</summary>
    /// <exception cref="RunImpossibleException">The server refused the order, or did not push.</exception>
    public async Task<Buyer> PlaceAsync(CancellationToken cancel = default) =>
        (await PlaceAsync(1, cancel))[0];

    /// <summary>Places many orders, several at a time.</summary>
    /// <exception cref="RunImpossibleException">The server refused an order, or did not push.</exception>
    public async Task<IReadOnlyList<Buyer>> PlaceAsync(int count, CancellationToken cancel = default) =>
        [.. (await _system.Subject.PlaceAsync(count, cancel)).Select(payment => new Buyer(_system.Subject, _lanes, payment, pause: null, _clock))];

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        _lanes.Dispose();
        await _system.DisposeAsync();
        _loop.Dispose();
    }
}
