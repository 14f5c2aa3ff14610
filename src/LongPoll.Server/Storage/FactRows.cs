using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage;

/// <summary>Puts together what stands about each report.</summary>
internal static class FactRows
{
    /// <summary>Puts what was found where its report stands in the list.</summary>
    public static void Fill(SettlementFacts[] facts, IEnumerable<(FactRow Fact, OrderRow? Order, AttemptRow? Attempt)> rows)
    {
        foreach (var group in rows.GroupBy(r => r.Fact.N))
        {
            var (fact, order, _) = group.First();
            Attempt[] attempts = [.. group.Where(r => r.Attempt is not null).Select(r => r.Attempt!.ToAttempt()).OrderBy(a => a.Number)];
            facts[group.Key] = new SettlementFacts(
                fact.MatchedAttemptId is null ? null : order?.ToOrder(),
                attempts.FirstOrDefault(a => a.AttemptId == fact.MatchedAttemptId),
                fact.Disagree,
                attempts,
                fact.ToTaken());
        }
    }
}
