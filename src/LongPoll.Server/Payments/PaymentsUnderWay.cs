namespace LongPoll.Server.Payments;

/// <summary>
/// What this node wrote last about payments that wait for their provider's word, so that the word need not be looked up before
/// it is decided about. It is a memory and not the truth: what is decided by it must move the order, and the store takes that only
/// while the order stands at the version remembered and its money is nowhere yet. All else is looked up.
/// </summary>
internal sealed class PaymentsUnderWay
{
    /// <summary>About a kilobyte each. At 200 payments a second, with 40 seconds for each PIN, 8,000 are under way.</summary>
    public const int Most = 8192;

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, LinkedListNode<SettlementFacts>> _byAttempt = [];
    private readonly LinkedList<SettlementFacts> _oldestFirst = new();

    /// <summary>What a report means by what is remembered; null when it must be looked up.</summary>
    public Settlement? Decide(PaymentReport report, DateTime now, bool fulfils)
    {
        if (report is not { Clues.AttemptId: { } attemptId, Refund: null } || Find(attemptId) is not { Attempt: { } attempt } facts)
        {
            return null;
        }

        // A clue that the attempt does not bear out may lead to another one.
        if (attempt.Provider != report.Provider || !attempt.BearsOut(report.Clues))
        {
            return null;
        }

        // What moves nothing no version guards; and what goes to the money inbox depends on what is there.
        var settlement = Settlement.Decide(report, facts, now, fulfils);
        return settlement is { After: not null, MoneyInboxEntry: null } ? settlement : null;
    }

    /// <summary>Remembers a payment as a settlement that was committed has left it, or forgets it when it ended.</summary>
    public void Committed(Settlement settlement)
    {
        if (settlement is not { After: { } order, Attempt: { } attempt })
        {
            return;
        }

        lock (_gate)
        {
            Remove(attempt.AttemptId);

            // The terms of a link move without the order, so an order of a link is looked up each time; and a refund knows no attempts.
            if (order.Settled || order.LinkId is not null || settlement.Refund is not null)
            {
                return;
            }

            var attempts = settlement.Attempts.Select(a => a.AttemptId == attempt.AttemptId ? attempt : a);
            _byAttempt.Add(attempt.AttemptId, _oldestFirst.AddLast(new SettlementFacts(order, attempt, CluesDisagree: false, [.. attempts], null)));

            // Some ended on another node; the buyer's details need not stay here for that.
            while (_oldestFirst.First is { Value: { Order: { } oldest, Attempt: { } its } } && (_byAttempt.Count > Most || oldest.ExpiresAt < order.UpdatedAt))
            {
                Remove(its.AttemptId);
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

    private SettlementFacts? Find(Guid attemptId)
    {
        lock (_gate)
        {
            return _byAttempt.GetValueOrDefault(attemptId)?.Value;
        }
    }

    private void Remove(Guid attemptId)
    {
        if (_byAttempt.Remove(attemptId, out var known))
        {
            _oldestFirst.Remove(known);
        }
    }
}
