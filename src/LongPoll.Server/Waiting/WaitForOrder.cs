using System.Data.Common;
using LongPoll.Server.Bus;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>
/// The wait: cache → join → database once → park → the message's bytes. The seat is taken, and its subscription
/// confirmed, above the first database read: whatever is published from then on is heard.
/// </summary>
internal sealed partial class WaitForOrder(
    IStatusBus bus, Waiters waiters, IOrderStore store, WaitMetrics metrics, TimeProvider clock, ILogger<WaitForOrder> logger)
{
    /// <summary>Waits, and when time is up reads once more. What it answers is never older than what the caller has seen.</summary>
    public async Task<WaitResult> HandleAsync(Guid orderId, WaitCondition condition, TimeSpan patience, CancellationToken clientLeft)
    {
        var began = clock.GetTimestamp();
        LogStarted(logger, orderId);
        var result = await ParkAsync(orderId, condition, patience, clientLeft);
        if (result.Ending is WaitEnding.Timeout || (result.Ending is WaitEnding.Draining && result.Snapshot is null))
        {
            var (answered, stored) = await ReadAsync(orderId, clientLeft);
            result = (answered, stored ?? result.Snapshot) switch
            {
                (_, { } view) => result with { Snapshot = view },
                (true, null) => new WaitResult(WaitEnding.Unknown),
                (false, null) => new WaitResult(WaitEnding.Unavailable),
            };
        }

        var took = clock.GetElapsedTime(began);
        metrics.Ended(result.Ending, took);
        if (result.Ending == WaitEnding.Notified)
        {
            LogNotified(logger, orderId, bus.Name, (long)took.TotalMilliseconds);
        }

        return result;
    }

    /// <summary>
    /// Waits without the last read: for callers that go on waiting. Who is <paramref name="seated"/> has a place of this
    /// order already, and takes no second one.
    /// </summary>
    public async Task<WaitResult> ParkAsync(Guid orderId, WaitCondition condition, TimeSpan patience, CancellationToken clientLeft, bool seated = false)
    {
        var began = clock.GetTimestamp();

        // :: Step 1: the cache
        var cached = await bus.FindLatestAsync(orderId, clientLeft);
        if (cached is not null && condition.IsMetByCached(cached))
        {
            return new WaitResult(WaitEnding.Cache, cached);
        }

        // :: Step 2: join
        var waiter = new Waiter(orderId, condition, counts: !seated);
        if (await waiters.JoinAsync(waiter) is { } refused)
        {
            return new WaitResult(refused);
        }

        try
        {
            // :: Step 3: the database, once. When it does not answer the waiter stays: a message may come.
            var (answered, stored) = await ReadAsync(orderId, clientLeft);
            if (answered && stored is null)
            {
                return new WaitResult(WaitEnding.Unknown);
            }

            if (stored is not null && condition.Since > stored.Version)
            {
                // The page has seen what the database has not: whatever it saw, this is the fact.
                return new WaitResult(WaitEnding.Database, stored);
            }

            waiter.Place!.Arm(waiter, stored);

            // :: Step 4: park
            var left = patience - clock.GetElapsedTime(began);
            if (!waiter.Task.IsCompleted && left > TimeSpan.Zero)
            {
                await ((Task)waiter.Task).WaitAsync(left, clock, clientLeft).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            return waiter.Task.IsCompletedSuccessfully ? waiter.Task.Result
                : clientLeft.IsCancellationRequested ? new WaitResult(WaitEnding.ClientLeft)
                : new WaitResult(WaitEnding.Timeout, waiter.Newest ?? cached);
        }
        finally
        {
            waiters.Leave(waiter);
        }
    }

    private async Task<(bool Answered, OrderSnapshot? Stored)> ReadAsync(Guid orderId, CancellationToken clientLeft)
    {
        try
        {
            return await store.FindOrderAsync(orderId, clientLeft) is { } order ? (true, OrderSnapshot.Of(order)) : (true, null);
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
