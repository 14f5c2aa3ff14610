namespace LongPoll.Sandbox.Verdict;

/// <summary>What follows a payment: each order of a day is for one ticket.</summary>
internal static class FulfilmentInvariants
{
    private const int Bought = 1;

    public static IEnumerable<string> Fulfilled(OrderHistory order)
    {
        foreach (SeenOrder rest in order.AtRest.Where(s => s.Completed))
        {
            int issued = rest.Tickets?.Count(t => t.Success) ?? 0;
            if (rest.Fulfilment != "completed" || issued != Bought)
                yield return $"paid, and at rest its fulfilment is {rest.Fulfilment} with {issued} tickets";
        }

        string[] addresses = [.. order.AllSeen.SelectMany(s => s.Tickets ?? []).Select(t => t.Url).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (addresses.Length > Bought)
            yield return $"a second set of tickets: {string.Join(", ", addresses)}";

        foreach (SeenOrder early in order.AllSeen.Where(s => !s.Completed && s.Tickets is { Count: > 0 }).Take(1))
            yield return $"tickets while the order was {early.PaymentStatus}, version {early.Version}";
    }
}
