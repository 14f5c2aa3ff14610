using System.Collections.Concurrent;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Bus;

/// <summary>The bus of a single process: the same contract without Redis.</summary>
/// <param name="reliable">False when other nodes share the database: what they announce is not heard here, so waiters are swept.</param>
/// <param name="keepFor">How long a view is kept.</param>
/// <param name="clock">Time.</param>
internal sealed class InProcessStatusBus(bool reliable, TimeSpan keepFor, TimeProvider clock) : IStatusBus
{
    private readonly ConcurrentDictionary<Guid, byte> _subscribed = new();
    private readonly ConcurrentDictionary<Guid, (OrderSnapshot Snapshot, DateTimeOffset Until)> _latest = new();
    private readonly ConcurrentQueue<(Guid OrderId, DateTimeOffset Until)> _expiries = new();
    private IStatusListener? _listener;

    public string Name => "memory";

    public bool Reliable => reliable;

    public void Listen(IStatusListener listener) => _listener = listener;

    public Task SubscribeAsync(Guid orderId, CancellationToken cancel)
    {
        _subscribed[orderId] = 0;
        return Task.CompletedTask;
    }

    public Task UnsubscribeAsync(Guid orderId, CancellationToken cancel)
    {
        _subscribed.TryRemove(orderId, out _);
        return Task.CompletedTask;
    }

    public ValueTask<OrderSnapshot?> FindLatestAsync(Guid orderId, CancellationToken cancel) =>
        new(_latest.TryGetValue(orderId, out var kept) && kept.Until > clock.GetUtcNow() ? kept.Snapshot : null);

    public Task AnnounceAsync(OrderSnapshot snapshot, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        Forget(now);
        var until = now + keepFor;
        var kept = _latest.AddOrUpdate(
            snapshot.OrderId,
            static (_, fresh) => fresh,
            (_, old, fresh) => old.Until > now && old.Snapshot.Version > fresh.Snapshot.Version ? old : fresh,
            (Snapshot: snapshot, Until: until));
        if (ReferenceEquals(kept.Snapshot, snapshot))
        {
            _expiries.Enqueue((snapshot.OrderId, until));
            if (_subscribed.ContainsKey(snapshot.OrderId))
            {
                _listener?.Deliver(snapshot);
            }
        }

        return Task.CompletedTask;
    }

    public Task PingAsync(CancellationToken cancel) => Task.CompletedTask;

    // Entries expire in the order in which they were made, so each announcement sweeps away what has run out before it.
    private void Forget(DateTimeOffset now)
    {
        while (_expiries.TryPeek(out var first) && first.Until <= now && _expiries.TryDequeue(out var gone))
        {
            if (_latest.TryGetValue(gone.OrderId, out var kept) && kept.Until <= now)
            {
                _latest.TryRemove(new KeyValuePair<Guid, (OrderSnapshot, DateTimeOffset)>(gone.OrderId, kept));
            }
        }
    }
}
