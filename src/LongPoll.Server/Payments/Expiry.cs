namespace LongPoll.Server.Payments;

/// <summary>When a provider is asked about silent attempts, and when one that stays silent is over.</summary>
/// <param name="First">After the prompt.</param>
/// <param name="Longest">Pauses double up to this.</param>
/// <param name="Horizon">From here on no prompt can still be paid, as far as anybody knows.</param>
internal sealed record AskRules(TimeSpan First, TimeSpan Longest, TimeSpan Horizon)
{
    /// <summary>Which attempts can be asked about. Most providers find a payment only by the reference that they gave it.</summary>
    public Predicate<Attempt> CanAsk { get; init; } = static attempt => attempt.ProviderReference is not null;

    /// <summary>
    /// A schedule that the provider prescribes, where it does: pauses from <see cref="First"/> on, each for a while, and
    /// <see cref="Longest"/> after them. Without one, pauses double.
    /// </summary>
    public IReadOnlyList<(TimeSpan Every, TimeSpan For)> Steps { get; init; } = [];

    /// <summary>A prompt can live this long on a phone: no attempt expires earlier.</summary>
    public static readonly TimeSpan LongestPrompt = TimeSpan.FromSeconds(180);

    /// <summary>Ended attempts are asked about for this long, because money can come late…</summary>
    public static readonly TimeSpan AfterTheEnd = TimeSpan.FromHours(24);

    /// <summary>…this often.</summary>
    public static readonly TimeSpan AfterTheEndEvery = TimeSpan.FromHours(1);

    /// <summary>A success that was believed is asked about after this long: the provider's own books need a moment.</summary>
    public static readonly TimeSpan ConfirmAfter = TimeSpan.FromSeconds(30);
}

/// <summary>
/// Whether a silent attempt is over. Pure. Before its end the provider must have been asked; where there is no reference
/// to ask with, only the horizon ends it, and the audit says that nobody confirmed it.
/// </summary>
internal static class Expiry
{
    /// <summary>True when the order's time is over and the attempt may end: what can still be paid is to be taken back.</summary>
    public static bool IsDue(Attempt attempt, DateTime orderExpiresAt, DateTime now) =>
        attempt.CanStillSucceed && orderExpiresAt <= now && now - attempt.CreatedAt >= AskRules.LongestPrompt;

    public static PaymentReport? Decide(Attempt attempt, DateTime orderExpiresAt, bool answered, AskRules rules, DateTime now)
    {
        if (!attempt.CanStillSucceed)
        {
            return null;
        }

        var age = now - attempt.CreatedAt;
        var askable = rules.CanAsk(attempt);
        if (age >= rules.Horizon && (answered || !askable || age >= AskRules.AfterTheEnd))
        {
            return Report(attempt, ReportedOutcome.Expired, orderExpiresAt <= now, answered ? "expired" : "expired_unverified");
        }

        // The order's time is over, but the prompt may still be paid: the page ends, the attempt is asked about further.
        return attempt.State != AttemptState.Lapsed && answered && orderExpiresAt <= now && age >= AskRules.LongestPrompt
            ? Report(attempt, ReportedOutcome.Lapsed, orderExpired: true, "order_expired")
            : null;
    }

    /// <summary>When to ask next; null when there is nothing left to ask.</summary>
    public static DateTime? NextAsk(Attempt attempt, DateTime orderExpiresAt, AskRules rules, DateTime now)
    {
        if (attempt.State == AttemptState.Paid)
        {
            return NextConfirmation(attempt, rules, now);
        }

        if (!attempt.CanStillSucceed)
        {
            return rules.CanAsk(attempt) && now - (attempt.EndedAt ?? now) < AskRules.AfterTheEnd ? now + AskRules.AfterTheEndEvery : null;
        }

        var horizon = attempt.CreatedAt + rules.Horizon;
        if (!rules.CanAsk(attempt))
        {
            return horizon > now ? horizon : now + rules.Longest;
        }

        var next = now + Pause(now - attempt.CreatedAt, rules);
        foreach (var end in (DateTime[])[Clock.Later(orderExpiresAt, attempt.CreatedAt + AskRules.LongestPrompt), horizon])
        {
            // At the moments when it could end it is asked about, not up to ten minutes afterwards.
            next = end > now && end < next ? end : next;
        }

        return next;
    }

    private static TimeSpan Pause(TimeSpan age, AskRules rules)
    {
        if (rules.Steps.Count == 0)
        {
            // Pauses as long as the attempt is old double its age each time.
            return age < rules.First ? rules.First : age > rules.Longest ? rules.Longest : age;
        }

        var end = rules.First;
        foreach (var (every, lasting) in rules.Steps)
        {
            end += lasting;
            if (age < end)
            {
                return every;
            }
        }

        return rules.Longest;
    }

    /// <summary>When to ask about money that was believed and that the provider has not spoken about yet; null when it cannot be asked, or was silent for long.</summary>
    private static DateTime? NextConfirmation(Attempt attempt, AskRules rules, DateTime now)
    {
        var age = now - (attempt.EndedAt ?? attempt.CreatedAt);
        if (!rules.CanAsk(attempt) || age >= AskRules.AfterTheEnd)
        {
            return null;
        }

        return age < AskRules.ConfirmAfter ? now - age + AskRules.ConfirmAfter : now + (age < rules.Longest ? age : rules.Longest);
    }

    private static PaymentReport Report(Attempt attempt, ReportedOutcome outcome, bool orderExpired, string code) => new()
    {
        Provider = attempt.Provider,
        Source = ReportSource.Expiry,
        Outcome = outcome,
        Clues = new AttemptClues { AttemptId = attempt.AttemptId },
        Reason = orderExpired ? Reasons.OrderExpired : Reasons.PromptExpired,
        Code = code,
    };
}
