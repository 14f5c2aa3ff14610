using LongPoll.Server.Payments;
using StackExchange.Redis;

namespace LongPoll.Server.Bus;

/// <summary>
/// The bus between nodes: channel <c>order:status:{id}</c>, cache key <c>order:latest:{id}</c>. Everything that
/// touches StackExchange.Redis stands in this file, written against what its versions 1.2.6 and 3.x share.
/// </summary>
internal sealed partial class RedisStatusBus : IStatusBus, IHostedService, IAsyncDisposable
{
    /// <summary>Awaited calls of the client may hang for ever against a stalled server, so each has this limit.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(1);

    /// <summary>The cache may only save a read, never cost one: past this the database is asked.</summary>
    private static readonly TimeSpan CacheLimit = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How often the subscription connection is probed. A dead one looks like a quiet one; with the time that the
    /// answer may take and one sweep, waits still end within two seconds of the commit.
    /// </summary>
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ProbeLimit = TimeSpan.FromMilliseconds(500);

    private const string ChannelPrefix = "order:status:";

    private readonly ConfigurationOptions _configuration;
    private readonly Action<RedisChannel, RedisValue> _onMessage;
    private readonly RedisValue _keepForSeconds;
    private readonly TimeProvider _clock;
    private readonly ILogger<RedisStatusBus> _logger;
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Reliability _reliability = new();
    private readonly RedisChannel _probeChannel = new($"longpoll:probe:{Guid.NewGuid():N}", RedisChannel.PatternMode.Literal);
    private IStatusListener? _listener;
    private Task _probing = Task.CompletedTask;
    private TaskCompletionSource _probeHeard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RedisStatusBus(string connectionString, TimeSpan keepFor, TimeProvider clock, ILogger<RedisStatusBus> logger)
    {
        _configuration = ConfigurationOptions.Parse(connectionString);
        _configuration.AbortOnConnectFail = false;
        _configuration.ConnectTimeout = Math.Min(_configuration.ConnectTimeout, 2000);
        _configuration.KeepAlive = 5;
        _keepForSeconds = (long)keepFor.TotalSeconds;
        (_clock, _logger) = (clock, logger);
        _onMessage = OnMessage;
        _connection = new Lazy<Task<ConnectionMultiplexer>>(ConnectAsync);
    }

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

    public string Name => "Redis";

    public bool Reliable => _reliability.Holds;

    public void Listen(IStatusListener listener) => _listener = listener;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // A node starts without Redis too: the sweep serves its waiters until Redis is there.
        try
        {
            await ProbeAsync();
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            _reliability.Lost();
            LogUnreachable(_logger, e.GetType().Name);
        }

        _probing = ProbeForEverAsync(_stopping.Token);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _probing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async Task SubscribeAsync(Guid orderId, CancellationToken cancel)
    {
        ThrowUnlessReliable();
        var channel = Channel(orderId);
        var subscriber = await SubscriberAsync(cancel);
        try
        {
            await subscriber.SubscribeAsync(channel, _onMessage).WaitAsync(CallLimit, _clock, cancel);

            // The client accepts subscriptions while it has no connection and makes them up later, or never: that is not confirmed.
            if (subscriber.SubscribedEndpoint(channel) is null || !subscriber.IsConnected(channel))
            {
                throw new BusUnavailableException("The subscription is not confirmed.");
            }
        }
        catch (Exception)
        {
            // It is tried again, and the client would call twice for what it was asked twice.
            _ = subscriber.UnsubscribeAsync(channel, flags: CommandFlags.FireAndForget);
            throw;
        }

        LogSubscribed(_logger, orderId);
    }

    public async Task UnsubscribeAsync(Guid orderId, CancellationToken cancel) =>
        await (await SubscriberAsync(cancel)).UnsubscribeAsync(Channel(orderId)).WaitAsync(CallLimit, _clock, cancel);

    public async ValueTask<OrderSnapshot?> FindLatestAsync(Guid orderId, CancellationToken cancel)
    {
        if (!_reliability.Holds)
        {
            return null;
        }

        try
        {
            var database = (await _connection.Value.WaitAsync(CacheLimit, _clock, cancel)).GetDatabase();
            var kept = (byte[]?)await database.StringGetAsync(CacheKey(orderId)).WaitAsync(CacheLimit, _clock, cancel);
            return kept is null ? null : OrderSnapshot.Read(orderId, kept);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    public async Task AnnounceAsync(OrderSnapshot snapshot, CancellationToken cancel)
    {
        try
        {
            ThrowUnlessReliable();
            await RunScriptAsync(snapshot, cancel);
        }
        catch (Exception)
        {
            // The other nodes may have to wait for the sweep, but who waits here need not.
            _listener?.Deliver(snapshot);
            throw;
        }
    }

    public async Task PingAsync(CancellationToken cancel)
    {
        await (await _connection.Value.WaitAsync(CallLimit, _clock, cancel)).GetDatabase().PingAsync().WaitAsync(CallLimit, _clock, cancel);
        ThrowUnlessReliable();
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection.IsValueCreated && _connection.Value.IsCompletedSuccessfully)
        {
            await _connection.Value.Result.CloseAsync(allowCommandsToComplete: false);
        }

        _stopping.Dispose();
    }

    private async Task RunScriptAsync(OrderSnapshot snapshot, CancellationToken cancel)
    {
        var database = (await _connection.Value.WaitAsync(CallLimit, _clock, cancel)).GetDatabase();
        RedisKey[] keys = [CacheKey(snapshot.OrderId), ChannelPrefix + snapshot.OrderId.ToString("D")];
        RedisValue[] values = [snapshot.Version, _keepForSeconds, snapshot.Json.ToArray()];
        try
        {
            await database.ScriptEvaluateAsync(AnnounceScript.Text, keys, values).WaitAsync(CallLimit, _clock, cancel);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // A Redis that came back empty has forgotten the script; the client loads it again with the next call.
            await database.ScriptEvaluateAsync(AnnounceScript.Text, keys, values).WaitAsync(CallLimit, _clock, cancel);
        }
    }

    // Runs on the client's reader: parse, hand over, return. Handlers of one channel are called in order.
    private void OnMessage(RedisChannel channel, RedisValue message)
    {
        var name = (string?)channel;
        if (name is null || !Guid.TryParseExact(name.AsSpan(ChannelPrefix.Length), "D", out var orderId))
        {
            return;
        }

        LogMessage(_logger, orderId);
        if ((byte[]?)message is { } bytes && OrderSnapshot.Read(orderId, bytes) is { } snapshot)
        {
            _listener?.Deliver(snapshot);
        }
        else
        {
            _listener?.Hint(orderId);
        }
    }

    private async Task ProbeForEverAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(ProbeEvery, _clock);
        while (await timer.NextTickAsync(stop))
        {
            try
            {
                await ProbeAsync();
            }
            catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
            {
                Doubt(e.GetType().Name);
            }
        }
    }

    /// <summary>Sends this node a message and waits to hear it: the only proof that the subscription connection works.</summary>
    private async Task ProbeAsync()
    {
        var connection = await _connection.Value.WaitAsync(CallLimit, _clock);
        if (!_reliability.Holds)
        {
            await SubscribeAgainAsync(connection);
        }

        var heard = _probeHeard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Task.WhenAll(connection.GetSubscriber().PublishAsync(_probeChannel, "?"), heard.Task).WaitAsync(ProbeLimit, _clock);

        // What was said while nobody heard is looked up once by everybody who waits here.
        if (_reliability.Heard(() => _listener?.MayHaveMissed()))
        {
            LogReachable(_logger);
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
        await Task.WhenAll(connection.GetDatabase().PingAsync(), subscriber.PingAsync()).WaitAsync(ProbeLimit, _clock);
        if (!await connection.ConfigureAsync().WaitAsync(CallLimit, _clock))
        {
            throw new TimeoutException("The client is still looking its connections through.");
        }

        // Behind the subscriptions on their connection: once it is answered, Redis knows them all.
        await subscriber.PingAsync().WaitAsync(ProbeLimit, _clock);
    }

    private void Doubt(string why)
    {
        if (_reliability.Lost())
        {
            LogUnreachable(_logger, why);
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync()
    {
        var connection = await ConnectionMultiplexer.ConnectAsync(_configuration);
        connection.ConnectionFailed += (_, e) => Doubt(e.FailureType.ToString());

        // A probe that is sent before this is done is not heard, and the node would begin its life by sweeping. But it is not
        // waited for long: without a connection it hangs, the client makes it up when it has one, and the probe will tell.
        var subscribed = connection.GetSubscriber().SubscribeAsync(_probeChannel, (_, _) => _probeHeard.TrySetResult());
        await Task.WhenAny(subscribed, Task.Delay(ProbeLimit, _clock));
        return connection;
    }

    // The probe is the circuit breaker of every call: while it is not answered, nobody else queues up behind a dead
    // connection, and the first answered probe closes the circuit again.
    private void ThrowUnlessReliable()
    {
        if (!_reliability.Holds)
        {
            throw new BusUnavailableException("Redis does not carry messages.");
        }
    }

    private async Task<ISubscriber> SubscriberAsync(CancellationToken cancel) =>
        (await _connection.Value.WaitAsync(CallLimit, _clock, cancel)).GetSubscriber();

    private static RedisKey CacheKey(Guid orderId) => "order:latest:" + orderId.ToString("D");

    private static RedisChannel Channel(Guid orderId) => new(ChannelPrefix + orderId.ToString("D"), RedisChannel.PatternMode.Literal);

    [LoggerMessage(800, LogLevel.Information, "Subscribed to Redis channel: order:status:{OrderId}")]
    private static partial void LogSubscribed(ILogger logger, Guid orderId);

    [LoggerMessage(801, LogLevel.Information, "Redis message received for order: {OrderId}")]
    private static partial void LogMessage(ILogger logger, Guid orderId);

    [LoggerMessage(802, LogLevel.Warning, "Redis does not carry messages: {Error}. Waiters are looked after from the database.")]
    private static partial void LogUnreachable(ILogger logger, string error);

    [LoggerMessage(803, LogLevel.Information, "Redis carries messages")]
    private static partial void LogReachable(ILogger logger);
}
