using LongPoll.Server.Payments;
using StackExchange.Redis;

namespace LongPoll.Server.Bus;

/// <summary>
/// The bus between nodes: channel <c>order:status:{id}</c>, cache key <c>order:latest:{id}</c>. What
/// touches StackExchange.Redis stands here and in <see cref="RedisLink"/>, written against what its versions 1.2.6 and 3.x share.
/// </summary>
internal sealed partial class RedisStatusBus : IStatusBus, IHostedService, IAsyncDisposable
{
    /// <summary>Awaited calls of the client may hang for ever against a stalled server, so each has this limit.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(1);

    /// <summary>The cache may only save a read, never cost one: past this the database is asked.</summary>
    private static readonly TimeSpan CacheLimit = TimeSpan.FromMilliseconds(250);

    private const string ChannelPrefix = "order:status:";

    private readonly RedisLink _link;
    private readonly Action<RedisChannel, RedisValue> _onMessage;
    private readonly RedisValue _keepForSeconds;
    private readonly TimeProvider _clock;
    private readonly ILogger<RedisStatusBus> _logger;
    private IStatusListener? _listener;

    public RedisStatusBus(string connectionString, TimeSpan keepFor, TimeProvider clock, ILogger<RedisStatusBus> logger)
    {
        _keepForSeconds = (long)keepFor.TotalSeconds;
        (_clock, _logger) = (clock, logger);
        _onMessage = OnMessage;

        // What was said while nobody heard is looked up once by everybody who waits here.
        _link = new RedisLink(connectionString, () => _listener?.MayHaveMissed(), () => _listener?.SubscriptionsLost(), clock, logger);
    }

    public string Name => "Redis";

    public bool Reliable => _link.Reliable;

    public void Listen(IStatusListener listener) => _listener = listener;

    public Task StartAsync(CancellationToken cancellationToken) => _link.StartAsync();

    public Task StopAsync(CancellationToken cancellationToken) => _link.StopAsync();

    public ValueTask DisposeAsync() => _link.DisposeAsync();

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
        if (!_link.Reliable)
        {
            return null;
        }

        try
        {
            var database = (await _link.OpenAsync(CacheLimit, cancel)).GetDatabase();
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
        ThrowUnlessReliable();
        var database = (await _link.OpenAsync(CallLimit, cancel)).GetDatabase();
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

    public async Task PingAsync(CancellationToken cancel)
    {
        await (await _link.OpenAsync(CallLimit, cancel)).GetDatabase().PingAsync().WaitAsync(CallLimit, _clock, cancel);
        ThrowUnlessReliable();
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

    // The link's probe is the circuit breaker of every call: while it is not answered, nobody else queues up behind a dead
    // connection, and the first answered probe closes the circuit again.
    private void ThrowUnlessReliable()
    {
        if (!_link.Reliable)
        {
            throw new BusUnavailableException("Redis does not carry messages.");
        }
    }

    private async Task<ISubscriber> SubscriberAsync(CancellationToken cancel) =>
        (await _link.OpenAsync(CallLimit, cancel)).GetSubscriber();

    private static RedisKey CacheKey(Guid orderId) => "order:latest:" + orderId.ToString("D");

    private static RedisChannel Channel(Guid orderId) => new(ChannelPrefix + orderId.ToString("D"), RedisChannel.PatternMode.Literal);

    [LoggerMessage(800, LogLevel.Information, "Subscribed to Redis channel: order:status:{OrderId}")]
    private static partial void LogSubscribed(ILogger logger, Guid orderId);

    [LoggerMessage(801, LogLevel.Information, "Redis message received for order: {OrderId}")]
    private static partial void LogMessage(ILogger logger, Guid orderId);
}
