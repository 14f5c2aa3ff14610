using LongPoll.Server.Payments;

namespace LongPoll.Server.Outbox;

/// <summary>
/// Keeps the promises of the outbox: nudged after each commit, and by a look each second at what else is due; claims under a
/// lease, works with no transaction open, then marks. What fails is tried again later and later, and at last buried with the reason.
/// </summary>
internal sealed partial class OutboxWorker(
    IOutboxStore store,
    IEnumerable<IOutboxHandler> handlers,
    OutboxSignals signals,
    DoorLoad door,
    PaymentMetrics metrics,
    TimeProvider clock,
    ILogger<OutboxWorker> logger) : BackgroundService
{
    /// <summary>How long a message without a nudge waits at most: promises of nodes that died, and those due later.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>Longer than the longest a handler may take.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan HandlerLimit = TimeSpan.FromSeconds(45);

    /// <summary>How long a lane that gives way does so at most, and how often it looks whether it still has to.</summary>
    private static readonly TimeSpan LongestWay = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WayStep = TimeSpan.FromMilliseconds(50);

    /// <summary>So many claims follow each other when a rush outlasts that: promises are kept in any rush, if more slowly.</summary>
    private const int ClaimsAfterTheWay = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    // A kind that no handler here knows is left to a node that knows it.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll([LookAsync([.. handlers.Select(static handler => handler.Kind)], stoppingToken), .. handlers.Select(handler => RunLaneAsync(handler, stoppingToken))]);

    // One question for all lanes: most seconds nothing is due, and a node that does nothing should cost the database little.
    private async Task LookAsync(IReadOnlyCollection<string> kinds, CancellationToken stop)
    {
        while (true)
        {
            await Task.Delay(LookEvery, clock, stop);
            try
            {
                foreach (var kind in await store.FindDueKindsAsync(kinds, clock.GetUtcTimestamp(), stop))
                {
                    signals.For(kind).Nudge();
                }
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                LogStoreFailed(logger, e.GetType().Name);
            }
        }
    }

    private async Task RunLaneAsync(IOutboxHandler handler, CancellationToken stop)
    {
        // Messages in hand. A slow one keeps its own place and nobody else's.
        var inHand = new List<(Task Work, int Messages)>();
        var (lane, signal) = (handler.Lane, signals.For(handler.Kind));
        var taken = clock.GetTimestamp();
        var claims = 0;
        try
        {
            while (!stop.IsCancellationRequested)
            {
                claims = claims == 0 ? await GiveWayAsync(lane, stop) : claims;
                claims--;
                inHand.RemoveAll(static hand => hand.Work.IsCompleted);
                var free = lane.AtOnce - inHand.Sum(static hand => hand.Messages);
                signal.Clear();
                var messages = free == 0 ? [] : await ClaimAsync(handler.Kind, free, stop);
                taken = messages.Count == 0 ? taken : clock.GetTimestamp();
                TakeUp(handler, messages, inHand, stop);
                if (messages.Count == free)
                {
                    await Task.WhenAny(inHand.Select(static hand => hand.Work));
                    continue;
                }

                claims = 0;
                await signal.WaitAsync(stop);
                var left = lane.Pace - clock.GetElapsedTime(taken);
                var pause = left > lane.Gather ? left : lane.Gather;
                if (pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, clock, stop);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Time to stop; what is in hand goes back when its lease runs out.
        }

        await Task.WhenAll(inHand.Select(static hand => hand.Work));
    }

    /// <summary>How many claims may follow.</summary>
    private async Task<int> GiveWayAsync(OutboxLane lane, CancellationToken stop)
    {
        // A page that turns green is worth more than a ticket two seconds earlier.
        var waited = TimeSpan.Zero;
        for (; lane.GivesWay && door.Busy && waited < LongestWay; waited += WayStep)
        {
            await Task.Delay(WayStep, clock, stop);
        }

        return waited < LongestWay ? 1 : ClaimsAfterTheWay;
    }

    private void TakeUp(IOutboxHandler handler, IReadOnlyList<OutboxMessage> messages, List<(Task Work, int Messages)> inHand, CancellationToken stop)
    {
        if (handler is IOutboxBatchHandler && messages.Count > 0)
        {
            inHand.Add((HandleAsync(handler, messages, stop), messages.Count));
            return;
        }

        inHand.AddRange(messages.Select(message => (HandleAsync(handler, [message], stop), 1)));
    }

    private async Task<IReadOnlyList<OutboxMessage>> ClaimAsync(string kind, int most, CancellationToken stop)
    {
        try
        {
            var now = clock.GetUtcTimestamp();
            return await store.ClaimAsync(kind, now, now + Lease, most, stop);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            LogStoreFailed(logger, e.GetType().Name);
            return [];
        }
    }

    private async Task HandleAsync(IOutboxHandler handler, IReadOnlyList<OutboxMessage> messages, CancellationToken stop)
    {
        try
        {
            var results = await WorkAsync(handler, messages, stop);
            for (var n = 0; n < messages.Count; n++)
            {
                await MarkAsync(messages[n], handler.Lane, results[n], stop);
            }
        }
        catch (Exception e)
        {
            // Not marked: the lease runs out, and the message is taken up again.
            LogStoreFailed(logger, e.GetType().Name);
        }
    }

    private async Task<IReadOnlyList<HandlingResult>> WorkAsync(IOutboxHandler handler, IReadOnlyList<OutboxMessage> messages, CancellationToken stop)
    {
        try
        {
            using var limit = new CancellationTokenSource(HandlerLimit, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
            return handler is IOutboxBatchHandler batch
                ? await batch.HandleAsync(messages, either.Token)
                : [await handler.HandleAsync(messages[0], either.Token)];
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            foreach (var message in messages)
            {
                LogHandlerFailed(logger, message.Kind, message.OrderId, message.Tries, e.GetType().Name);
            }

            return [.. messages.Select(_ => HandlingResult.TryLater(e.GetType().Name))];
        }
    }

    private async Task MarkAsync(OutboxMessage message, OutboxLane lane, HandlingResult result, CancellationToken stop)
    {
        if (result.Marked)
        {
            return;
        }

        if (result.Done)
        {
            await store.CompleteAsync(message.MessageId, clock.GetUtcTimestamp(), stop);
        }
        else if (message.Tries >= lane.MostTries)
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

    [LoggerMessage(200, LogLevel.Warning, "The outbox could not be read or marked: {Error}")]
    private static partial void LogStoreFailed(ILogger logger, string error);

    [LoggerMessage(201, LogLevel.Warning, "Outbox message {Kind} of order {OrderId} failed at try {Tries}: {Error}")]
    private static partial void LogHandlerFailed(ILogger logger, string kind, Guid orderId, int tries, string error);

    [LoggerMessage(202, LogLevel.Error, "ALARM outbox message {Kind} of order {OrderId} was given up after {Tries} tries: {Reason}")]
    private static partial void LogBuried(ILogger logger, string kind, Guid orderId, int tries, string reason);
}
