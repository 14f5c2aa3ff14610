using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;

namespace LongPoll.LoadTests.Target;

/// <summary>The server that is measured: one that runs already, or one that this run starts and stops.</summary>
internal sealed class ServerUnderTest : IDisposable
{
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);

    private readonly Process? _started;

    private ServerUnderTest(Destination address, string? apiKey, Process? started, ServerProbe? probe)
    {
        Address = address;
        ApiKey = apiKey;
        Probe = probe;
        _started = started;
    }

    public Destination Address { get; }

    /// <summary>What POST /orders needs; null when nothing was given.</summary>
    public string? ApiKey { get; }

    /// <summary>Null when the process is not known.</summary>
    public ServerProbe? Probe { get; }

    public static async Task<ServerUnderTest> ReachAsync(
        LoadSettings settings, PretendProvider provider, TimeProvider clock, CancellationToken cancel)
    {
        Destination address = await Destination.ResolveAsync(settings.Target, cancel);
        if (settings.Server is null)
        {
            await ReadyAsync(address, cancel);
            return new ServerUnderTest(
                address, settings.ApiKey, null, settings.Pid is { } known ? new ServerProbe(known, clock) : null);
        }

        if (!File.Exists(settings.Server))
            throw new RunImpossibleException($"There is no file {settings.Server}.");
        if (await AnswersAsync(address, cancel) is not null)
            throw new RunImpossibleException($"Something answers at {settings.Target} already; --server needs that address for itself.");
        ServerEnvironment environment = new(settings, provider.PayHeroUrl);
        Process started = environment.Start();
        ServerUnderTest server = new(address, environment.ApiKey, started, new ServerProbe(started.Id, clock));
        try
        {
            await server.ComesUpAsync(clock, cancel);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_started is null)
            return;
        if (!_started.HasExited)
        {
            _started.Kill(entireProcessTree: true);
            _started.WaitForExit();
        }

        _started.Dispose();
    }

    private async Task ComesUpAsync(TimeProvider clock, CancellationToken cancel)
    {
        long began = clock.GetTimestamp();
        while (await AnswersAsync(Address, cancel) != HttpStatusCode.OK)
        {
            if (_started!.HasExited)
                throw new RunImpossibleException($"The server ended while it started, with code {_started.ExitCode}; its own output says why.");
            if (clock.GetElapsedTime(began) > StartTime)
                throw new RunImpossibleException($"The server is not ready after {StartTime.TotalSeconds} s.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), clock, cancel);
        }
    }

    private static async Task ReadyAsync(Destination address, CancellationToken cancel)
    {
        HttpStatusCode? status = await AnswersAsync(address, cancel);
        if (status is null)
            throw new RunImpossibleException($"Nothing answers at http://{address.Authority}; is the server running, and is --target right?");
        if (status != HttpStatusCode.OK)
            throw new RunImpossibleException($"http://{address.Authority}/health/ready answers {(int)status}.");
    }

    private static async Task<HttpStatusCode?> AnswersAsync(Destination address, CancellationToken cancel)
    {
        try
        {
            using HttpConnection connection = await address.OpenAsync(cancel);
            await connection.SendAsync(
                Encoding.ASCII.GetBytes($"GET /health/ready HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"), cancel);
            return (HttpStatusCode)(await connection.ReceiveAsync(cancel)).Status;
        }
        catch (Exception silent) when (silent is SocketException or IOException)
        {
            return null;
        }
    }
}
