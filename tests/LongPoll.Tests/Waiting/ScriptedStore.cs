using System.Collections.Concurrent;
using LongPoll.Server.Payments;

namespace LongPoll.Tests.Waiting;

/// <summary>A store with one order, which can be slow or away. What waiting may not call is not there.</summary>
internal sealed class ScriptedStore(ConcurrentQueue<string> log) : IOrderStore
{
    public Order? Order { get; set; }

    /// <summary>What comes before each read is answered; may throw.</summary>
    public Func<Task> OnRead { get; set; } = () => Task.CompletedTask;

    /// <summary>What each sweep asked about.</summary>
    public List<IReadOnlyCollection<AnnouncedVersion>> Sweeps { get; } = [];

    public async Task<Order?> FindOrderAsync(Guid orderId, CancellationToken cancel)
    {
        log.Enqueue("read");
        await OnRead();
        return Order?.OrderId == orderId ? Order : null;
    }

    /// <summary>The attempts of the order.</summary>
    public IReadOnlyList<Attempt> Attempts { get; set; } = [];

    /// <summary>How often they were read along.</summary>
    public int ReadsWithAttempts { get; private set; }

    public async Task<OrderWithAttempts?> FindWithAttemptsAsync(Guid orderId, CancellationToken cancel)
    {
        ReadsWithAttempts++;
        return await FindOrderAsync(orderId, cancel) is { } order ? new OrderWithAttempts(order, Attempts) : null;
    }

    public async Task<IReadOnlyList<Order>> FindNewerAsync(IReadOnlyCollection<AnnouncedVersion> seen, CancellationToken cancel)
    {
        log.Enqueue("sweep");
        Sweeps.Add(seen);
        await OnRead();
        return Order is { } order && seen.Any(s => s.OrderId == order.OrderId && s.Version < order.Version) ? [order] : [];
    }

    public Task<(OpenOutcome Outcome, Order? Order)> OpenOrderAsync(NewOrder newOrder, PromptLimit limit, CancellationToken cancel) => throw new NotSupportedException();

    public Task<OpenOutcome> OpenAttemptAsync(Order before, Order after, Attempt attempt, OrderEvent orderEvent, PromptLimit limit, CancellationToken cancel) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<Attempt>> FindAttemptsAsync(Guid orderId, CancellationToken cancel) => throw new NotSupportedException();

    public Task<LinkTerms?> FindLinkTermsAsync(Guid orderId, CancellationToken cancel) => throw new NotSupportedException();

    public Task<IReadOnlyList<SettlementFacts>> FindFactsAsync(IReadOnlyList<PaymentReport> reports, CancellationToken cancel) => throw new NotSupportedException();

    public Task<IReadOnlyList<CommitOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancel) => throw new NotSupportedException();

    public Task KeepCallbackAsync(RawCallback raw, string result, CancellationToken cancel) => throw new NotSupportedException();

    public Task<IReadOnlyList<RawCallback>> FindRipeCallbacksAsync(DateTime since, int limit, CancellationToken cancel) => throw new NotSupportedException();

    public Task<bool> CloseCallbackAsync(Guid callbackId, string result, MoneyInboxEntry? entry, CancellationToken cancel) => throw new NotSupportedException();

    public Task<IReadOnlyList<Order>> NoteAnnouncedAsync(
        IReadOnlyCollection<AnnouncedVersion> announced, DateTime changedBefore, int limit, CancellationToken cancel) => throw new NotSupportedException();

    public Task PingAsync(CancellationToken cancel) => throw new NotSupportedException();
}
