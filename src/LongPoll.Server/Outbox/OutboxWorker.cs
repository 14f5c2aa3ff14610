using LongPoll.Server.Payments;

namespace LongPoll.Server.Outbox;

/// <summary>
/// Keeps the promises of the outbox: nudged after each commit and sweeping besides; claims under a lease, works
/// with no transaction open, then marks. What fails is tried again later and later, and at last buried with the reason.
/// </summary>
internal sealed partial class OutboxWorker(
    IOutboxStore store,
    IEnumerable<IOutboxHandler> handlers,
    OutboxSignal signal,
    PaymentMetrics metrics,
    TimeProvider clock,
    ILogger<OutboxWorker> logger) : BackgroundService
{
    /// <summary>How long a message without a nudge waits at most: promises of nodes that died, and those due later.</summary>
    private static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);

    /// <summary>Longer than the longest a handler may take.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan HandlerLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);
    private const int AtOnce = 16;
    private const int MostTries = 20;

    private readonly Dictionary<string, IOutboxHandler> _handlers = handlers.ToDictionary(h => h.Kind, StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Messages in hand. A slow one keeps its own slot and nobody else's.
        var inHand = new List<Task>();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                inHand.RemoveAll(static task => task.IsCompleted);
                var free = AtOnce - inHand.Count;
                var messages = free == 0 ? [] : await ClaimAsync(free, stoppingToken);
                inHand.AddRange(messages.Select(message => HandleAsync(message, stoppingToken)));
                if (inHand.Count == AtOnce)
                {
                    await Task.WhenAny(inHand);
                }
                else if (messages.Count < free)
                {
                    await signal.WaitAsync(SweepEvery, clock, stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Time to stop; what is in hand goes back when its lease runs out.
        }

        await Task.WhenAll(inHand);
    }

    private async Task<IReadOnlyList<OutboxMessage>> ClaimAsync(int most, CancellationToken stop)
    {
        try
        {
            var now = clock.GetUtcTimestamp();
            return await store.ClaimAsync(now, now + Lease, most, stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            LogSweepFailed(logger, e.GetType().Name);
            return [];
        }
    }

    private async Task HandleAsync(OutboxMessage message, CancellationToken stop)
    {
        try
        {
            await MarkAsync(message, await WorkAsync(message, stop), stop);
        }
        catch (Exception e)
        {
            // Not marked: the lease runs out, and the message is taken up again.
            LogSweepFailed(logger, e.GetType().Name);
        }
    }

    private async Task<HandlingResult> WorkAsync(OutboxMessage message, CancellationToken stop)
    {
        try
        {
            using var limit = new CancellationTokenSource(HandlerLimit, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            return _handlers.TryGetValue(message.Kind, out var handler)
                ? await handler.HandleAsync(message, either.Token)
                : HandlingResult.TryLater("no handler for this kind");
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            LogHandlerFailed(logger, message.Kind, message.OrderId, message.Tries, e.GetType().Name);
            return HandlingResult.TryLater(e.GetType().Name);
        }
    }

    private async Task MarkAsync(OutboxMessage message, HandlingResult result, CancellationToken stop)
    {
        if (result.Done)
        {
            await store.CompleteAsync(message.MessageId, clock.GetUtcTimestamp(), stop);
        }
        else if (message.Tries >= MostTries)
        {
            LogBuried(logger, message.Kind, message.OrderId, message.Tries, result.Reason!);
            metrics.Alarm("outbox_buried");
            await store.BuryAsync(message.MessageId, clock.GetUtcTimestamp(), result.Reason!, stop);
        }
        else
        {
            await store.PostponeAsync(message.MessageId, clock.GetUtcTimestamp() + Pause(message.Tries), result.Reason!, stop);
        }
    }

    /// <summary>Doubles each time up to the cap, with jitter over its upper half so that many messages do not come back together.</summary>
    private static TimeSpan Pause(int tries)
    {
        var full = Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, Math.Min(tries - 1, 20)));
        return TimeSpan.FromSeconds(full * (0.5 + (Random.Shared.NextDouble() / 2)));
    }

    [LoggerMessage(200, LogLevel.Warning, "The outbox could not be read: {Error}")]
    private static partial void LogSweepFailed(ILogger logger, string error);

    [LoggerMessage(201, LogLevel.Warning, "Outbox message {Kind} of order {OrderId} failed at try {Tries}: {Error}")]
    private static partial void LogHandlerFailed(ILogger logger, string kind, Guid orderId, int tries, string error);

    [LoggerMessage(202, LogLevel.Error, "ALARM outbox message {Kind} of order {OrderId} was given up after {Tries} tries: {Reason}")]
    private static partial void LogBuried(ILogger logger, string kind, Guid orderId, int tries, string reason);
}
