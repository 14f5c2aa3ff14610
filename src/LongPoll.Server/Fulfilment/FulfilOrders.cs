using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Fulfilment;

/// <summary>The kinds of mails about an order.</summary>
internal static class MailKinds
{
    public const string Welcome = "welcome";
    public const string Ticket = "ticket";
    public const string Receipt = "receipt";
}

/// <summary>
/// Issues the tickets of paid orders, and then promises their mails: one commit, guarded by where fulfilment stood, so that whoever
/// comes second with the same order finds it done. Some orders that are due together share the commit. A seat that the external service
/// does not make leaves the order partial, and is asked for again later.
/// </summary>
internal sealed partial class FulfilOrders(
    IFulfilmentStore store, TicketService service, Announcements announcements, OutboxSignals signals, MailRule mails, TimeProvider clock, ILogger<FulfilOrders> logger)
    : IOutboxBatchHandler
{
    /// <summary>What the external service has not answered by then is asked again later; what it has made is kept.</summary>
    private static readonly TimeSpan RoundLimit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Orders that share a commit: what goes wrong with one puts off no more than these. A steady stream of 200 payments a second is one commit each
    /// time; in smaller parts it cost more processor time and gained nothing (decision 84).
    /// </summary>
    private const int CommitAtMost = 64;

    public string Kind => OutboxMessage.FulfilKind;

    // Nobody sees whether a ticket comes 50 ms earlier, and a busy hour's orders are taken up a quarter of a second at a time.
    // Another service is not to be asked for too much at a time, and what waits for it is not what keeps the door busy.
    public OutboxLane Lane { get; } = new(
        AtOnce: service.Configured ? 64 : 256, OutboxLane.TriesOfTwoDays, Gather: TimeSpan.FromMilliseconds(50), GivesWay: !service.Configured,
        Pace: TimeSpan.FromMilliseconds(250));

    public async Task<HandlingResult> HandleAsync(OutboxMessage message, CancellationToken cancel) => (await HandleAsync([message], cancel))[0];

    public async Task<IReadOnlyList<HandlingResult>> HandleAsync(IReadOnlyList<OutboxMessage> messages, CancellationToken cancel)
    {
        if (service.Configured)
        {
            // A slow seat holds up its own order alone.
            var all = await FindAsync(messages, cancel);
            return await Task.WhenAll(messages.Select(async message => (await FulfilAsync([message], all, cancel))[0]));
        }

        var results = new List<HandlingResult>(messages.Count);
        foreach (var share in messages.Chunk(CommitAtMost))
        {
            results.AddRange(await TryAsync(share, cancel));
        }

        return results;
    }

    // What is committed stays so, and the others have nothing to do with what went wrong here.
    private async Task<IReadOnlyList<HandlingResult>> TryAsync(OutboxMessage[] share, CancellationToken cancel)
    {
        try
        {
            return await FulfilAsync(share, await FindAsync(share, cancel), cancel);
        }
        catch (Exception e)
        {
            LogFailed(logger, share.Length, e.GetType().Name);
            return [.. share.Select(_ => HandlingResult.TryLater(e.GetType().Name))];
        }
    }

    private async Task<Dictionary<Guid, PaidOrder>> FindAsync(IEnumerable<OutboxMessage> messages, CancellationToken cancel) =>
        (await store.FindPaidOrdersAsync([.. messages.Select(m => m.OrderId)], cancel)).ToDictionary(p => p.Order.OrderId);

    private async Task<HandlingResult[]> FulfilAsync(OutboxMessage[] messages, Dictionary<Guid, PaidOrder> paid, CancellationToken cancel)
    {
        // :: Step 1: make what is missing
        var steps = new FulfilmentStep?[messages.Length];
        for (var n = 0; n < messages.Length; n++)
        {
            steps[n] = paid.TryGetValue(messages[n].OrderId, out var order) ? await MakeAsync(messages[n], order, cancel) : null;
        }

        // :: Step 2: one commit
        FulfilmentStep[] written = [.. steps.OfType<FulfilmentStep>().Where(s => s.To != s.From || s.Issued.Count > 0 || s.Mails.Count > 0)];
        var moved = written.Length == 0 ? [] : await store.FulfilAsync(written, clock.GetUtcTimestamp(), cancel);

        // :: Step 3: tell
        foreach (var order in moved)
        {
            LogFulfilled(logger, order.OrderId, Names.Of(order.Fulfilment), order.Version);
            announcements.Post(order);
        }

        if (written.Any(s => s.Mails.Count > 0))
        {
            signals.For(OutboxMessage.MailKind).Nudge();
        }

        var done = moved.Select(o => o.OrderId).ToHashSet();
        return [.. steps.Select(step => Result(step, done))];
    }

    private static HandlingResult Result(FulfilmentStep? step, HashSet<Guid> moved) => step switch
    {
        null => HandlingResult.Completed,
        { KeptMessageId: not null } => moved.Contains(step.OrderId) ? HandlingResult.CommittedWithMark : HandlingResult.TryLater("the order moved meanwhile"),
        _ => HandlingResult.TryLater("tickets are missing"),
    };

    /// <summary>Null when there is nothing to do: it was done before, or the order is none of ours to fulfil.</summary>
    private async Task<FulfilmentStep?> MakeAsync(OutboxMessage message, PaidOrder paid, CancellationToken cancel)
    {
        var order = paid.Order;
        if (order.PaymentStatus != PaymentStatus.Completed || order.Fulfilment is Payments.Fulfilment.None or Payments.Fulfilment.Completed)
        {
            return null;
        }

        var has = paid.Tickets.Select(t => t.Slot.Number).ToHashSet();
        TicketSlot[] missing = [.. paid.Slots.Where(slot => !has.Contains(slot.Number))];
        var results = await AskAsync(paid, missing, cancel);
        var now = clock.GetUtcTimestamp();
        Ticket[] issued = [.. missing.Where((_, n) => results[n].Error is null).Select(slot => Issue(slot, results[Array.IndexOf(missing, slot)], now))];
        var errors = missing.Zip(results).Where(m => m.Second.Error is not null).ToDictionary(m => m.First.Number, m => m.Second.Error);
        var to = errors.Count == 0 ? Payments.Fulfilment.Completed
            : errors.Count < paid.Slots.Count ? Payments.Fulfilment.Partial
            : Payments.Fulfilment.Failed;
        if (errors.Count > 0)
        {
            LogMissing(logger, order.OrderId, errors.Count, paid.Slots.Count, message.Tries);
        }

        return new FulfilmentStep
        {
            OrderId = order.OrderId,
            From = order.Fulfilment,
            To = to,
            View = [.. paid.Slots.Select(slot => new OrderTicket(slot.Seat, !errors.ContainsKey(slot.Number), errors.GetValueOrDefault(slot.Number)))],
            Issued = issued,
            Welcomes = mails.Promised && Reachable(order) && order.Fulfilment == Payments.Fulfilment.Pending,
            Mails = mails.Promised && Reachable(order) ? Mails(order, to, lastTry: message.Tries >= Lane.MostTries) : [],
            KeptMessageId = to == Payments.Fulfilment.Completed ? message.MessageId : null,
        };
    }

    private static bool Reachable(Order order) => order.Customer.Email.Length > 0;

    // The ticket mail goes once, with all tickets; only when the missing ones are given up it goes with those there are. Tickets
    // whose money went back meanwhile are void from the first, and nobody is sent them.
    private static string[] Mails(Order order, Payments.Fulfilment to, bool lastTry) =>
    [
        .. order.RefundedMinor < order.Total.Minor && (to == Payments.Fulfilment.Completed || (lastTry && to == Payments.Fulfilment.Partial)) ? [MailKinds.Ticket] : Array.Empty<string>(),
        .. order.Fulfilment == Payments.Fulfilment.Pending ? [MailKinds.Receipt] : Array.Empty<string>(),
    ];

    private static Ticket Issue(TicketSlot slot, SeatResult result, DateTime now) => new(slot, now, result.TicketPath, result.BookingId);

    private async Task<SeatResult[]> AskAsync(PaidOrder paid, TicketSlot[] missing, CancellationToken cancel)
    {
        if (!service.Configured)
        {
            return [.. missing.Select(static _ => new SeatResult(null, null, Error: null))];
        }

        using var limit = new CancellationTokenSource(RoundLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        return await Task.WhenAll(missing.Select(async slot =>
        {
            try
            {
                return await service.MakeAsync(paid, slot, either.Token);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return new SeatResult(null, null, TicketService.Unavailable);
            }
        }));
    }

    [LoggerMessage(1120, LogLevel.Information, "Tickets of order {OrderId}: {Fulfilment} (version {Version})")]
    private static partial void LogFulfilled(ILogger logger, Guid orderId, string fulfilment, long version);

    [LoggerMessage(1121, LogLevel.Warning, "Order {OrderId} lacks {Missing} of {All} tickets after try {Tries}, will be tried again")]
    private static partial void LogMissing(ILogger logger, Guid orderId, int missing, int all, int tries);

    [LoggerMessage(1122, LogLevel.Warning, "Tickets of {Count} orders could not be issued, will be tried again: {Error}")]
    private static partial void LogFailed(ILogger logger, int count, string error);
}

/// <summary>Whether mails are sent at all, by configuration.</summary>
internal sealed record MailRule(bool Promised);
