namespace LongPoll.Server.Payments;

/// <summary>
/// What this node wrote or read last about payments that wait for their provider's word, so that the word need not be looked up
/// before it is decided about. It is a memory and not the truth: what is decided by it must move the order, and the store takes that only
/// while the order stands at the version remembered and its money is nowhere yet. All else is looked up.
/// </summary>
internal sealed class PaymentsUnderWay
{
    /// <summary>About a kilobyte each. At 200 payments a second, with 40 seconds for each PIN, 8,000 are under way.</summary>
    public const int Most = 8192;

    /// <summary>Longer than a prompt stands. Some end on another node, and the buyer's details need not stay here for that.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Longer than most take for their PIN. Where there is no room, who has been here for so long gives way to a new payment, and nobody
    /// else: the first also end first, and if each new one took the oldest one's place nothing would still be known when its word came.
    /// </summary>
    public static readonly TimeSpan Usual = TimeSpan.FromSeconds(90);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, LinkedListNode<Memory>> _byAttempt = [];
    private readonly Dictionary<Guid, LinkedListNode<Memory>> _byOrder = [];
    private readonly LinkedList<Memory> _oldestFirst = new();

    /// <summary>What a report means by what is remembered; null when it must be looked up.</summary>
    public Settlement? Decide(PaymentReport report, DateTime now, bool fulfils)
    {
        if (report is not { Clues.AttemptId: { } attemptId, Refund: null } || Find(attemptId, now) is not { Attempt: { } attempt } facts)
        {
            return null;
        }

        // A clue that the attempt does not bear out may lead to another one.
        if (attempt.Provider != report.Provider || !attempt.BearsOut(report.Clues))
        {
            return null;
        }

        // What moves nothing no version guards. And what is claimed but not booked depends on where that money stands: only what
        // is booked the statement itself looks for.
        var settlement = Settlement.Decide(report, facts, now, fulfils);
        var guarded = settlement is { After: not null, MoneyInboxEntry: null } && (report.TransactionId is null || settlement.Payment is not null);
        return guarded ? settlement : null;
    }

    /// <summary>Remembers a payment as a settlement that was committed has left it, or forgets it when it ended.</summary>
    public void Committed(Settlement settlement, DateTime now)
    {
        if (settlement is not { Before: { } before, Attempt: { } attempt })
        {
            return;
        }

        lock (_gate)
        {
            // Commits may be heard of in another order than they were made.
            if (_byAttempt.TryGetValue(attempt.AttemptId, out var known) && known.Value.Version > before.Version)
            {
                return;
            }

            // A refund knows no attempts, and ids learnt besides move nothing.
            Remove(attempt.AttemptId);
            if (settlement is { After: { } order, Refund: null } && IsUnderWay(order))
            {
                Add(order, attempt, [.. settlement.Attempts.Select(a => a.AttemptId == attempt.AttemptId ? attempt : a)], now);
            }
        }
    }

    /// <summary>False where a payment of this order is remembered already, or there is no room: then there is no use in reading its attempts.</summary>
    public bool Wants(Guid orderId, DateTime now)
    {
        lock (_gate)
        {
            RemoveOld(now);
            return HasRoom(now) && !_byOrder.ContainsKey(orderId);
        }
    }

    /// <summary>
    /// Remembers a payment that was read for a page that waits here: another node has sent its prompt, and the provider's word may come
    /// to this one.
    /// </summary>
    public void Read(OrderWithAttempts found, DateTime now)
    {
        // Before the prompt is out its own node has more to write, and what was read here would soon be old.
        var (order, attempts) = found;
        if (!IsUnderWay(order)
            || attempts.FirstOrDefault(a => a.AttemptId == order.CurrentAttemptId) is not { State: AttemptState.Prompted } attempt)
        {
            return;
        }

        lock (_gate)
        {
            if (_byAttempt.TryGetValue(attempt.AttemptId, out var known) && known.Value.Version >= order.Version)
            {
                return;
            }

            Remove(attempt.AttemptId);
            Add(order, attempt, attempts, now);
        }
    }

    /// <summary>Forgets what is remembered of an order that is known to stand at a later version: somebody else has moved it.</summary>
    public void Moved(Guid orderId, long version)
    {
        lock (_gate)
        {
            if (_byOrder.TryGetValue(orderId, out var known) && known.Value.Version < version)
            {
                Remove(known.Value.AttemptId);
            }
        }
    }

    /// <summary>Forgets a payment that did not stand as remembered.</summary>
    public void Forget(Guid attemptId)
    {
        lock (_gate)
        {
            Remove(attemptId);
        }
    }

    private SettlementFacts? Find(Guid attemptId, DateTime now)
    {
        lock (_gate)
        {
            RemoveOld(now);
            return _byAttempt.GetValueOrDefault(attemptId)?.Value.Facts;
        }
    }

    private void Add(Order order, Attempt attempt, IReadOnlyList<Attempt> attempts, DateTime now)
    {
        RemoveOld(now);
        if (!HasRoom(now))
        {
            return;
        }

        if (_byAttempt.Count == Most)
        {
            Remove(_oldestFirst.First!.Value.AttemptId);
        }

        var memory = _oldestFirst.AddLast(new Memory(new SettlementFacts(order, attempt, CluesDisagree: false, attempts, null), now));
        _byAttempt.Add(attempt.AttemptId, memory);
        _byOrder[order.OrderId] = memory;
    }

    private bool HasRoom(DateTime now) => _byAttempt.Count < Most || _oldestFirst.First!.Value.Since < now - Usual;

    private void RemoveOld(DateTime now)
    {
        // One from the future was written before the clock was set back.
        while (_oldestFirst.First is { Value: var oldest } && (oldest.Since < now - Longest || oldest.Since > now + Longest))
        {
            Remove(oldest.AttemptId);
        }
    }

    private void Remove(Guid attemptId)
    {
        if (_byAttempt.Remove(attemptId, out var known))
        {
            _oldestFirst.Remove(known);
            if (_byOrder.GetValueOrDefault(known.Value.OrderId) == known)
            {
                _byOrder.Remove(known.Value.OrderId);
            }
        }
    }

    // The terms of a link move without the order, so an order of a link is looked up each time.
    private static bool IsUnderWay(Order order) => order is { Settled: false, LinkId: null };

    private readonly record struct Memory(SettlementFacts Facts, DateTime Since)
    {
        public Guid OrderId => Facts.Order!.OrderId;

        public Guid AttemptId => Facts.Attempt!.AttemptId;

        public long Version => Facts.Order!.Version;
    }
}
