using System.Collections.Concurrent;
using LongPoll.Server.Bus;
using LongPoll.Server.Payments;

namespace LongPoll.Tests.Contracts;

/// <summary>Writes down what a bus delivers, in order.</summary>
internal sealed class HeardMessages : IStatusListener
{
    private int _mayHaveMissed;

    public ConcurrentQueue<OrderSnapshot> Views { get; } = new();

    public ConcurrentQueue<Guid> Hints { get; } = new();

    public int MayHaveMissedCalls => Volatile.Read(ref _mayHaveMissed);

    public IEnumerable<long> VersionsOf(Guid orderId) => Views.Where(v => v.OrderId == orderId).Select(v => v.Version);

    public void Deliver(OrderSnapshot snapshot, bool onThisThread = false) => Views.Enqueue(snapshot);

    public void Hint(Guid orderId) => Hints.Enqueue(orderId);

    public void MayHaveMissed() => Interlocked.Increment(ref _mayHaveMissed);

    public void SubscriptionsLost()
    {
        // Nobody waits here who could ask again.
    }
}
