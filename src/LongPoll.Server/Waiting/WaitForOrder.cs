using System.Data.Common;
using LongPoll.Server.Bus;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>
/// The wait: cache → join → database once → park → the message's bytes. The seat is taken, and its subscription
/// confirmed, above the first database read: whatever is published from then on is heard.
/// </summary>
internal sealed partial class WaitForOrder(
    IStatusBus bus, Waiters waiters, WaitDeadlines deadlines, IOrderStore store, PaymentsUnderWay underWay, WaitMetrics metrics, TimeProvider clock, ILogger<WaitForOrder> logger)
{
    /// <summary>
    /// Begins a wait, and comes back when it is parked or over; the waiter is told when it is over. Whoever begins a wait
    /// has to end it with <see cref="EndAsync"/> or <see cref="Leave"/>.
    /// </summary>
    public async Task BeginAsync(Waiter waiter, TimeSpan patience, CancellationToken clientLeft)
    {
        var began = clock.GetTimestamp();
        var (orderId, condition) = (waiter.OrderId, waiter.Condition);
        if (waiter.Counts)
        {
            LogStarted(logger, orderId);
        }

        try
        {
            // :: Step 1: the cache
            var cached = await bus.FindLatestAsync(orderId, clientLeft);
            if (cached is not null && condition.IsMetByCached(cached))
            {
                waiter.Answer(new WaitResult(WaitEnding.Cache, cached));
                return;
            }

            // :: Step 2: join
            if (await waiters.JoinAsync(waiter) is { } refused)
            {
                waiter.Answer(new WaitResult(refused));
                return;
            }

            // :: Step 3: the database, once. When it does not answer the waiter stays: a message may come.
            var (answered, stored) = await ReadAsync(orderId, FindAndRememberAsync, clientLeft);
            if (answered && stored is null)
            {
                waiter.Answer(new WaitResult(WaitEnding.Unknown));
                return;
            }

            if (stored is not null && condition.Since > stored.Version)
            {
                // The page has seen what the database has not: whatever it saw, this is the fact.
                waiter.Answer(new WaitResult(WaitEnding.Database, stored));
                return;
            }

            // :: Step 4: park
            waiter.Fallback = stored is null ? cached : null;
            waiter.Place!.Arm(waiter, stored);
            if (!waiter.Over)
            {
                deadlines.Add(waiter, patience - clock.GetElapsedTime(began));
                waiter.EndWhen(clientLeft);
            }
        }
        catch
        {
            Leave(waiter);
            throw;
        }
    }

    /// <summary>
    /// Ends a wait: gives its place back and, when time was up, reads once more. What it answers is never older than what the
    /// caller has seen.
    /// </summary>
    public async ValueTask<WaitResult> EndAsync(Waiter waiter, TimeSpan took, CancellationToken clientLeft)
    {
        Leave(waiter);
        var result = waiter.Result;
        if (result.Ending is WaitEnding.Draining)
        {
            result = result with { Snapshot = waiter.LastSeen ?? waiter.Fallback };
        }

        if (result.Ending is WaitEnding.Timeout || (result.Ending is WaitEnding.Draining && result.Snapshot is null))
        {
            var (answered, stored) = await ReadAsync(waiter.OrderId, store.FindOrderAsync, clientLeft);
            result = (answered, stored ?? waiter.LastSeen ?? waiter.Fallback) switch
            {
                (_, { } view) => result with { Snapshot = view },
                (true, null) => new WaitResult(WaitEnding.Unknown),
                (false, null) => new WaitResult(WaitEnding.Unavailable),
            };
        }

        if (result.Snapshot is { } seen)
        {
            underWay.Moved(waiter.OrderId, seen.Version);
        }

        metrics.Ended(result.Ending, took);
        if (result.Ending == WaitEnding.Notified)
        {
            LogNotified(logger, waiter.OrderId, bus.Name, (long)took.TotalMilliseconds);
        }

        return result;
    }

    /// <summary>Gives the place of a wait back, without a last word: for callers that go on waiting.</summary>
    public void Leave(Waiter waiter) => waiters.Leave(waiter);

    // The page waits here, so its callback may come here too, whichever node sent the prompt: what bears on it is read along.
    private async Task<Order?> FindAndRememberAsync(Guid orderId, CancellationToken clientLeft)
    {
        var now = clock.GetUtcTimestamp();
        if (!underWay.Wants(orderId, now))
        {
            return await store.FindOrderAsync(orderId, clientLeft);
        }

        if (await store.FindWithAttemptsAsync(orderId, clientLeft) is not { } found)
        {
            return null;
        }

        underWay.Read(found, now);
        return found.Order;
    }

    private async Task<(bool Answered, OrderSnapshot? Stored)> ReadAsync(
        Guid orderId, Func<Guid, CancellationToken, Task<Order?>> find, CancellationToken clientLeft)
    {
        try
        {
            return await find(orderId, clientLeft) is { } order ? (true, OrderSnapshot.Of(order)) : (true, null);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            LogReadFailed(logger, orderId, e.GetType().Name);
            return (false, null);
        }
        catch (OperationCanceledException) when (clientLeft.IsCancellationRequested)
        {
            return (false, null);
        }
    }

    [LoggerMessage(610, LogLevel.Information, "Long polling started for order: {OrderId}")]
    private static partial void LogStarted(ILogger logger, Guid orderId);

    [LoggerMessage(611, LogLevel.Information, "Order {OrderId} status changed via {Bus} ({Milliseconds}ms)")]
    private static partial void LogNotified(ILogger logger, Guid orderId, string bus, long milliseconds);

    [LoggerMessage(612, LogLevel.Warning, "Order {OrderId} could not be read, its waiter stays: {Error}")]
    private static partial void LogReadFailed(ILogger logger, Guid orderId, string error);
}
