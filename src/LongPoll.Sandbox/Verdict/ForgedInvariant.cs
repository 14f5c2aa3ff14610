using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.PayHero;

namespace LongPoll.Sandbox.Verdict;

/// <summary>What forged callbacks were answered, and that nothing of theirs stands anywhere.</summary>
internal static class ForgedInvariant
{
    public static int Looked(Day day) => day.Orders.Sum(o => o.Callbacks.Count(IsForged));

    public static IEnumerable<Finding> ForgedChangesNothing(Day day)
    {
        foreach (OrderHistory order in day.Orders)
        {
            foreach (LedgerCallback forged in order.Callbacks.Where(IsForged))
            {
                if (forged.Kind == CallbackKind.ForgedWrongSecret && forged.Status is not (null or 401))
                    yield return Found(order, $"a wrong secret was answered {forged.Status}");
                if (forged.Result is "applied" or "review")
                    yield return Found(order, $"{forged.Kind} with {forged.Receipt} was answered {forged.Result}");
            }

            foreach (SeenOrder seen in order.AllSeen.Where(s => IsInvented(s.Receipt)).Take(1))
                yield return Found(order, $"the order shows {seen.Receipt}, which nobody paid");
        }

        foreach (InboxEntry entry in day.Inbox.Where(e => IsInvented(e.TransactionId)))
            yield return new(0, entry.OrderId, $"the money inbox has {entry.TransactionId}, which nobody paid");
    }

    private static bool IsForged(LedgerCallback callback) => callback.Kind is not (CallbackKind.True or CallbackKind.Stale);

    private static bool IsInvented(string? receipt) => receipt?.StartsWith(PaymentOutcome.ForgedMark, StringComparison.Ordinal) == true;

    private static Finding Found(OrderHistory order, string what) => new(order.Number, order.OrderId, what);
}
