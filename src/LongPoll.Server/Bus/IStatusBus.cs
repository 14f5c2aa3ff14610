using LongPoll.Server.Payments;

namespace LongPoll.Server.Bus;

/// <summary>
/// Carries order views between nodes. A message is a hint with a version: it may be lost, late or doubled,
/// and the database stays the fact.
/// </summary>
/// <remarks>
/// The seam for sharded channels (SSUBSCRIBE, SPUBLISH on Redis Cluster): nobody outside an implementation knows what a channel is
/// called, which connection it comes on, or that view and channel are written together. What another one must keep to is in
/// <c>src/docs/one-million-pages.md</c>.
/// </remarks>
internal interface IStatusBus
{
    /// <summary>What it is, for logs.</summary>
    string Name { get; }

    /// <summary>False while messages may be getting lost, or cannot come at all: then whoever waits must look for itself.</summary>
    bool Reliable { get; }

    /// <summary>Names who hears the messages of this node. Set once, before the first subscription.</summary>
    void Listen(IStatusListener listener);

    /// <summary>
    /// Completes when messages of this order reach the listener; calls for one order run in the order in which they were made.
    /// Subscriptions are not counted here: the caller subscribes once per order.
    /// </summary>
    Task SubscribeAsync(Guid orderId, CancellationToken cancel);

    /// <summary>Ends the subscription of this order.</summary>
    Task UnsubscribeAsync(Guid orderId, CancellationToken cancel);

    /// <summary>The newest announced view, while it is kept; null when there is none or the cache does not answer.</summary>
    ValueTask<OrderSnapshot?> FindLatestAsync(Guid orderId, CancellationToken cancel);

    /// <summary>
    /// Keeps the view for <c>LongPoll:CacheTtl</c> and tells every node, unless something newer stands there already.
    /// Throws when nodes may not have heard.
    /// </summary>
    Task AnnounceAsync(OrderSnapshot snapshot, CancellationToken cancel);

    /// <summary>Throws when the bus does not work.</summary>
    Task PingAsync(CancellationToken cancel);
}

/// <summary>Hears the messages of one node. Called on the bus's reader, or by whoever announces: must not block.</summary>
internal interface IStatusListener
{
    /// <summary>A view arrived.</summary>
    /// <param name="snapshot">The view.</param>
    /// <param name="onThisThread">A page that waits alone may be answered before this returns, up to where its answer has to wait for the client.</param>
    void Deliver(OrderSnapshot snapshot, bool onThisThread = false);

    /// <summary>Something was said about this order that carries no view: look.</summary>
    void Hint(Guid orderId);

    /// <summary>Messages may have been missed: look at everything once.</summary>
    void MayHaveMissed();

    /// <summary>Every subscription is gone with the connection that carried it: who still waits subscribes again. Said while the bus is not reliable.</summary>
    void SubscriptionsLost();
}

/// <summary>The bus cannot do this now.</summary>
internal sealed class BusUnavailableException(string message) : Exception(message);
