namespace LongPoll.LoadTests.Report;

/// <summary>How pages were answered, counted.</summary>
internal static class Tally
{
    public static Dictionary<string, IReadOnlyDictionary<string, int>> Of(IEnumerable<Wait> waits)
    {
        Wait[] all = [.. waits];
        Dictionary<string, IReadOnlyDictionary<string, int>> counts = new()
        {
            ["statuses"] = Count(all.Select(wait => wait.PaymentStatus ?? "none")),
            ["faults"] = Count(all.Select(wait => wait.Complaint).OfType<string>()),
        };
        if (all.Any(wait => wait.Ending is not null))
            counts["endings"] = Count(all.Select(wait => wait.Ending ?? "none"));
        return counts;
    }

    private static SortedDictionary<string, int> Count(IEnumerable<string> values) => new(values.CountBy(value => value).ToDictionary(), StringComparer.Ordinal);
}
