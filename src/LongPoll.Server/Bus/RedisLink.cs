using LongPoll.Server.Payments;
using StackExchange.Redis;

namespace LongPoll.Server.Bus;

/// <summary>
/// The connection of <see cref="RedisStatusBus"/>, and whether it carries messages: connects, proves it by a probe four times
/// a second, mends the client's subscriptions when Redis is back, and takes another connection in place of one that stays silent.
/// </summary>
/// <param name="connectionString">As StackExchange.Redis reads it.</param>
/// <param name="mayHaveMissed">Called before the link is believed again: what was said meanwhile was not heard.</param>
/// <param name="subscriptionsLost">Called when another connection has taken the place of the one that had them.</param>
/// <param name="clock">Time.</param>
/// <param name="logger">The bus's own: who reads the log need not know that there are two.</param>
internal sealed partial class RedisLink(string connectionString, Action mayHaveMissed, Action subscriptionsLost, TimeProvider clock, ILogger<RedisStatusBus> logger) : IAsyncDisposable
{
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How often the subscription connection is probed. A dead one looks like a quiet one; with the time that the
    /// answer may take and one sweep, waits still end within two seconds of the commit.
    /// </summary>
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// So long a connection may carry nothing: longer than the client takes to connect, which is three times two seconds. Twice as
    /// long after each one that carried nothing either, because a Redis that is away is found by any of them.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(80);

    private readonly Lock _connecting = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Reliability _reliability = new();
    private readonly RedisChannel _probeChannel = new($"longpoll:probe:{Guid.NewGuid():N}", RedisChannel.PatternMode.Literal);
    private Task<ConnectionMultiplexer>? _connection;
    private Task _probing = Task.CompletedTask;
    private TaskCompletionSource _probeHeard = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _patience = Patience;

    // When the first probe failed since one was heard, however late; 0 while none has.
    private long _silentSince;
    private bool _disposed;

    /// <summary>The probe was heard, and nothing broke since.</summary>
    public bool Reliable => _reliability.Holds;

    /// <summary>What is wrong with a connection string, or null.</summary>
    public static string? Check(string connectionString)
    {
        try
        {
            return ConfigurationOptions.Parse(connectionString).EndPoints.Count == 0 ? "it names no server" : null;
        }
        catch (ArgumentException e)
        {
            return e.Message;
        }
    }

    public async Task StartAsync()
    {
        // A node starts without Redis too: the sweep serves its waiters until Redis is there.
        try
        {
            await ProbeAsync();
        }
        catch (Exception e)
        {
            _reliability.Lost();
            LogUnreachable(logger, e.GetType().Name);
        }

        _probing = ProbeForEverAsync(_stopping.Token);
    }

    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await _probing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>The connection as it is now; the first caller makes it.</summary>
    /// <exception cref="TimeoutException">It is not there within <paramref name="limit"/>.</exception>
    public Task<ConnectionMultiplexer> OpenAsync(TimeSpan limit, CancellationToken cancel)
    {
        lock (_connecting)
        {
            _connection ??= ConnectAsync();
        }

        return _connection.WaitAsync(limit, clock, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        // The container knows the bus under three names, and disposes of it for each.
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await StopAsync();
        await DiscardAsync(_connection).WaitAsync(CallLimit, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        _stopping.Dispose();
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var configuration = ConfigurationOptions.Parse(connectionString);
        configuration.AbortOnConnectFail = false;
        configuration.ConnectTimeout = Math.Min(configuration.ConnectTimeout, 2000);
        var connection = await ConnectionMultiplexer.ConnectAsync(configuration);
        connection.ConnectionFailed += (_, e) =>
        {
            if (IsInUse(connection))
            {
                Doubt(e.FailureType.ToString());
            }
        };

        // A probe that is sent before this is done is not heard, and the node would begin its life by sweeping. But it is not
        // waited for long: without a connection it hangs, the client makes it up when it has one, and the probe will tell.
        var subscribed = connection.GetSubscriber().SubscribeAsync(_probeChannel, (_, _) =>
        {
            if (IsInUse(connection))
            {
                Volatile.Write(ref _silentSince, 0);
                _probeHeard.TrySetResult();
            }
        });
        await Task.WhenAny(subscribed, Task.Delay(ProbeLimit, clock));
        return connection;
    }

    /// <summary>False for one that another has taken the place of: what it still tells is about nobody.</summary>
    private bool IsInUse(ConnectionMultiplexer connection) => _connection is { IsCompletedSuccessfully: true } current && current.Result == connection;

    /// <summary>
    /// Takes another connection in place of one that has carried nothing for too long. The client mends what breaks; but what was
    /// forgotten by something on the way breaks only when the system gives it up, after a quarter of an hour.
    /// </summary>
    private void Renew(TimeSpan silence)
    {
        LogRenewed(logger, silence.TotalSeconds);
        Task<ConnectionMultiplexer>? silent;
        lock (_connecting)
        {
            (silent, _connection) = (_connection, ConnectAsync());
        }

        Volatile.Write(ref _silentSince, 0);
        _patience = TimeSpan.FromTicks(Math.Min(_patience.Ticks * 2, MostPatience.Ticks));
        subscriptionsLost();
        _ = DiscardAsync(silent);
    }

    /// <summary>
    /// On a thread of its own: the client first writes what it has not sent, and a silent connection may not take it. Its
    /// <c>CloseAsync</c> would leave the client's writer behind, a thread.
    /// </summary>
    private static Task DiscardAsync(Task<ConnectionMultiplexer>? connection) => connection is null
        ? Task.CompletedTask
        : connection.ContinueWith(
            static made => made.Result.Close(allowCommandsToComplete: false),
            CancellationToken.None,
            TaskContinuationOptions.LongRunning | TaskContinuationOptions.OnlyOnRanToCompletion,
            TaskScheduler.Default);

    /// <summary>For how long no probe has been heard, from the first that failed.</summary>
    private TimeSpan Silence()
    {
        var since = Interlocked.CompareExchange(ref _silentSince, clock.GetTimestamp(), 0);
        return since == 0 ? TimeSpan.Zero : clock.GetElapsedTime(since);
    }

    private async Task ProbeForEverAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(ProbeEvery, clock);
        while (await timer.NextTickAsync(stop))
        {
            try
            {
                await ProbeAsync();
            }
            catch (Exception e)
            {
                // Whatever it is: without the probe nobody would know how the link stands.
                Doubt(e.GetType().Name);
                if (Silence() is var silence && silence > _patience)
                {
                    Renew(silence);
                }
            }
        }
    }

    /// <summary>Sends this node a message and waits to hear it: the only proof that the subscription connection works.</summary>
    private async Task ProbeAsync()
    {
        var connection = await OpenAsync(CallLimit, CancellationToken.None);
        if (!_reliability.Holds)
        {
            await SubscribeAgainAsync(connection);
        }

        var heard = _probeHeard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Task.WhenAll(connection.GetSubscriber().PublishAsync(_probeChannel, "?"), heard.Task).WaitAsync(ProbeLimit, clock);
        if (_reliability.Heard(mayHaveMissed))
        {
            _patience = Patience;
            LogReachable(logger);
        }
    }

    /// <summary>
    /// After a loss, version 1.2.6 of the client looks its subscriptions through, and gives up for good each one it comes to while
    /// the server is late or the subscription connection is not there: the probe's, so that the node would never hear again, or,
    /// worse, only an order's. So it is made to look them through once more when both connections answer.
    /// </summary>
    private async Task SubscribeAgainAsync(ConnectionMultiplexer connection)
    {
        var subscriber = connection.GetSubscriber();
        await Task.WhenAll(connection.GetDatabase().PingAsync(), subscriber.PingAsync()).WaitAsync(ProbeLimit, clock);
        if (!await connection.ConfigureAsync().WaitAsync(CallLimit, clock))
        {
            throw new TimeoutException("The client is still looking its connections through.");
        }

        // Behind the subscriptions on their connection: once it is answered, Redis knows them all.
        await subscriber.PingAsync().WaitAsync(ProbeLimit, clock);
    }

    private void Doubt(string why)
    {
        if (_reliability.Lost())
        {
            LogUnreachable(logger, why);
        }
    }

    [LoggerMessage(802, LogLevel.Warning, "Redis does not carry messages: {Error}. Waiters are looked after from the database.")]
    private static partial void LogUnreachable(ILogger logger, string error);

    [LoggerMessage(803, LogLevel.Information, "Redis carries messages")]
    private static partial void LogReachable(ILogger logger);

    [LoggerMessage(804, LogLevel.Warning, "This connection to Redis has carried no message for {Seconds:0} s: another one is tried")]
    private static partial void LogRenewed(ILogger logger, double seconds);
}
