using LongPoll.Sandbox.Faults;

namespace LongPoll.Sandbox.Verdict;

/// <summary>What the server says about money against what the provider knows.</summary>
internal static class MoneyInvariants
{
    public static IEnumerable<(OrderHistory Order, LedgerLine Line)> Receipts(Day day) =>
        day.Orders.SelectMany(o => o.Ledger.Where(l => l.Receipt is not null).Select(l => (o, l)));

    public static IEnumerable<string> OnePayment(OrderHistory order)
    {
        // A second payment row of an order, or a second booking, is money that was applied twice.
        LedgerCallback[] applied = [.. order.Callbacks.Where(c => c is { Result: "applied", Receipt: not null })];
        if (applied.Length > 1)
            yield return $"{applied.Length} callbacks about money were answered applied ({string.Join(", ", applied.Select(c => c.Receipt))})";

        string[] receipts = [.. order.AllSeen.Where(s => s.Completed).Select(s => s.Receipt ?? "none").Distinct(StringComparer.Ordinal)];
        if (receipts.Length > 1)
            yield return $"completed with several receipts: {string.Join(", ", receipts)}";

        string[] bookings =
        [
            .. order.AllSeen.Where(s => s.Completed).Select(s => s.BookingReference ?? "none")
                .Concat(order.Callbacks.Where(c => c.OrderId == order.OrderId).Select(c => c.BookingReference).OfType<string>())
                .Distinct(StringComparer.Ordinal),
        ];
        if (bookings.Length > 1)
            yield return $"several booking references: {string.Join(", ", bookings)}";
    }

    public static IEnumerable<Finding> NothingPaidUnpaid(Day day)
    {
        HashSet<string> inbox = [.. day.Inbox.Select(e => e.TransactionId)];
        foreach ((OrderHistory order, LedgerLine line) in Receipts(day).Where(r => r.Line.AmountPaid == r.Line.AmountAsked && !inbox.Contains(r.Line.Receipt!)))
        {
            IEnumerable<SeenOrder> shown = order.AtRest.Concat(order.Sightings.Where(s => s.Page == VerdictRun.Visitor).Select(s => s.Seen));
            foreach (SeenOrder rest in shown.Where(r => !r.Completed).Take(1))
                yield return new(order.Number, order.OrderId, $"{line.Receipt} paid {line.AmountPaid}, and the order is {rest.PaymentStatus}");
            if (order.AtRest.Count == 0)
                yield return new(order.Number, order.OrderId, $"{line.Receipt} paid {line.AmountPaid}, and the order cannot be read");
        }
    }

    public static IEnumerable<Finding> BooksEqualReceipts(Day day)
    {
        var settled = day.Orders.Where(o => o.AtRest.Any(s => s.Completed))
            .Select(o => (Order: o, Seen: o.AtRest.First(s => s.Completed)))
            .ToLookup(o => o.Seen.Receipt ?? "none", o => (o.Order.Number, o.Order.OrderId, Amount: (decimal?)o.Seen.TotalAmount), StringComparer.Ordinal);
        var inbox = day.Inbox.ToLookup(e => e.TransactionId, e => e.Amount, StringComparer.Ordinal);
        var truth = Receipts(day).ToDictionary(r => r.Line.Receipt!, StringComparer.Ordinal);

        foreach (var (receipt, (order, line)) in truth)
        {
            decimal?[] booked = [.. settled[receipt].Select(s => s.Amount), .. inbox[receipt]];
            if (booked.Length != 1)
                yield return new(order.Number, order.OrderId, $"{receipt} ({line.AmountPaid}) stands {booked.Length} times in the books");
            else if (booked[0] != line.AmountPaid)
                yield return new(order.Number, order.OrderId, $"{receipt} is {line.AmountPaid}, and {booked[0]} in the books");
        }

        foreach (var group in settled.Where(g => !truth.ContainsKey(g.Key)))
        {
            foreach (var (number, orderId, _) in group)
                yield return new(number, orderId, $"settled with {group.Key}, which the provider never gave");
        }
    }

    public static IEnumerable<string> NoSecondCapture(OrderHistory order)
    {
        // Until the provider has said that an attempt failed, it can still succeed, whatever the server believes.
        foreach (Sighting sighting in order.Sightings.Where(s => s.Seen is { SafeToRetry: true, Completed: false }))
        {
            foreach (LedgerLine line in order.Ledger.Where(l => l.PushedAt < sighting.Seen.UpdatedAt && !(l.FailureToldAt <= sighting.At)))
                yield return $"{sighting.Page} saw safeToRetry at version {sighting.Seen.Version} while {line.ExternalReference} could still succeed";
        }

        foreach (SeenOrder seen in order.AllSeen.Where(s => s is { SafeToRetry: true, Completed: true }).Take(1))
            yield return $"safeToRetry on a paid order, version {seen.Version}";

        for (int i = 1; i < order.Ledger.Count; i++)
        {
            LedgerLine next = order.Ledger[i];
            foreach (LedgerLine earlier in order.Ledger.Take(i).Where(l => !(l.FailureToldAt <= next.PushedAt)))
                yield return $"{next.ExternalReference} was pushed while {earlier.ExternalReference} could still succeed";
        }
    }
}
