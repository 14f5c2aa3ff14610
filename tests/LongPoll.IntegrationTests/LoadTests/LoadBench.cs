using System.Globalization;
using LongPoll.LoadTests;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Scenarios;
using LongPoll.LoadTests.Stack;
using LongPoll.Server.Hosting;
using Xunit;

namespace LongPoll.IntegrationTests.LoadTests;

/// <summary>A server with a PostgreSQL and a Redis of its own, started by the load tests' own code, for small loads.</summary>
public sealed class LoadBench : IAsyncLifetime
{
    private readonly StringWriter _said = new(CultureInfo.InvariantCulture);
    private EventLoop? _loop;
    private SystemUnderTest? _system;

    /// <summary>The build that the tests run.</summary>
    internal static LoadSettings Settings { get; } = new() { Start = "ours", Servers = [typeof(LongPollApplication).Assembly.Location], WarmUp = 0, Collections = 2, SplitsStatements = false };

    public async ValueTask InitializeAsync()
    {
        _loop = new EventLoop(TimeProvider.System);
        _system = await StartAsync(Settings);
    }

    public async ValueTask DisposeAsync()
    {
        if (_system is not null)
        {
            await _system.DisposeAsync();
        }

        _loop?.Dispose();
        await _said.DisposeAsync();
    }

    internal Task<SystemUnderTest> StartAsync(LoadSettings settings) =>
        new Starter(settings, _loop!, TimeProvider.System, new Progress(TimeProvider.System, _said, isLive: false)).StartAsync(TestContext.Current.CancellationToken);

    internal Bench With(LoadSettings settings, SystemUnderTest? system = null) =>
        new(settings, system ?? _system!, TimeProvider.System, new Progress(TimeProvider.System, _said, isLive: false));
}
