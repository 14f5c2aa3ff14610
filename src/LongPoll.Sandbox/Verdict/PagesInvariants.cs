namespace LongPoll.Sandbox.Verdict;

/// <summary>What pages may and may not see.</summary>
internal static class PagesInvariants
{
    /// <summary>The promise is two seconds without a working bus; the rest is for a busy machine and a clock of whole seconds.</summary>
    private static readonly TimeSpan LatestWake = TimeSpan.FromSeconds(6);

    public static IEnumerable<string> Taken(OrderHistory order) =>
        order.OrderId is null && order.BadRequests.Count == 0 ? ["the order was not made"] : order.BadRequests;

    public static IEnumerable<string> NeverBack(OrderHistory order)
    {
        foreach (var page in order.Sightings.GroupBy(s => s.Page, StringComparer.Ordinal))
        {
            long newest = 0;
            foreach (Sighting sighting in page)
            {
                if (sighting.Seen.Version < newest)
                    yield return $"{page.Key} saw version {sighting.Seen.Version} after {newest}{Ending(sighting)}";
                newest = Math.Max(newest, sighting.Seen.Version);
            }
        }

        // At rest the database is read: it may be behind no page.
        long seen = order.Sightings.Select(s => s.Seen.Version).DefaultIfEmpty().Max();
        foreach (SeenOrder rest in order.AtRest.Where(r => r.Version < seen))
            yield return $"at rest the order stands at version {rest.Version}, and a page has seen {seen}";

        // One version is one state.
        foreach (var version in order.AllSeen.GroupBy(s => s.Version).Where(v => v.Distinct().Count() > 1))
            yield return $"version {version.Key} was seen as {string.Join(" and as ", version.Distinct().Select(s => $"{s.PaymentStatus} ({s.Receipt ?? "no receipt"}, {s.UpdatedAt:HH:mm:ss.fff})"))}";
    }

    public static IEnumerable<string> CompletedStays(OrderHistory order)
    {
        foreach (var page in order.Sightings.GroupBy(s => s.Page, StringComparer.Ordinal))
        {
            bool completed = false;
            foreach (Sighting sighting in page)
            {
                if (completed && !sighting.Seen.Completed)
                    yield return $"{page.Key} saw {sighting.Seen.PaymentStatus} after completed{Ending(sighting)}";
                completed |= sighting.Seen.Completed;
            }
        }

        long first = order.AllSeen.Where(s => s.Completed).Select(s => s.Version).DefaultIfEmpty(long.MaxValue).Min();
        foreach (SeenOrder later in order.AllSeen.Where(s => s.Version > first && !s.Completed))
            yield return $"version {later.Version} is {later.PaymentStatus}, version {first} was completed";
    }

    public static IEnumerable<string> WaitsBringNews(OrderHistory order)
    {
        foreach (Sighting sighting in order.Sightings)
        {
            // A since above the stored version is told the fact; time that is up is told what there is.
            if (sighting.Wait is { Ending: "cache" or "database" or "notified" } wait && !wait.IsMetBy(sighting.Seen) && !(wait.Since > sighting.Seen.Version))
            {
                yield return $"{sighting.Page} waited for {wait.Until} since {wait.Since?.ToString(null, null) ?? "nothing"} and got version "
                    + $"{sighting.Seen.Version}, {sighting.Seen.PaymentStatus}{Ending(sighting)}";
            }
        }
    }

    public static IEnumerable<string> WaitsWake(OrderHistory order)
    {
        foreach (Sighting sighting in order.Sightings)
        {
            if (sighting.Wait is not { } wait || !wait.IsMetBy(sighting.Seen))
                continue;
            TimeSpan late = wait.AnsweredAt - sighting.Seen.UpdatedAt;
            late = late < wait.Took ? late : wait.Took;
            if (late > LatestWake)
                yield return $"{sighting.Page} got version {sighting.Seen.Version} {late.TotalSeconds:0.0} s after it was written{Ending(sighting)}";
        }
    }

    private static string Ending(Sighting sighting) => sighting.Wait is { } wait ? $" (wait ended by {wait.Ending})" : "";
}
