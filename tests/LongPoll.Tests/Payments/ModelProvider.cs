using LongPoll.Server.Payments;

namespace LongPoll.Tests.Payments;

/// <summary>What really became of an attempt at the provider, whatever we have been told about it.</summary>
internal enum Truth
{
    /// <summary>The push has not been sent, or is on its way.</summary>
    OnItsWay,

    /// <summary>There is no prompt, and there will be none.</summary>
    NoPrompt,

    /// <summary>The buyer has a prompt: this attempt can still capture.</summary>
    Prompt,

    /// <summary>The money has moved.</summary>
    Captured,

    /// <summary>The buyer cancelled.</summary>
    Cancelled,
}

/// <summary>One attempt, as we know it and as it is.</summary>
internal sealed record ModelAttempt(Attempt Known, Truth Truth)
{
    public string Receipt => "R" + Known.Reference;

    public string ProviderReference => "T" + Known.Reference;
}

/// <summary>
/// One order, its attempts, its buyer, its provider and the time: everything that bears on the question whether a second
/// payment may be invited. Decisions are the product's own; the world around them is this model.
/// </summary>
internal sealed record ModelWorld(Order Order, IReadOnlyList<ModelAttempt> Attempts, DateTime Now, string Paid, string Inbox)
{
    public static readonly AskRules Rules = new(First: TimeSpan.FromSeconds(30), Longest: TimeSpan.FromMinutes(10), Horizon: TimeSpan.FromMinutes(10));

    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly Guid OrderId = new("018f0000-0000-7000-8000-000000000001");

    public static ModelWorld New(TimeSpan lifetime)
    {
        var attempt = NewAttempt(1, Start);
        return new ModelWorld(
            new Order
            {
                OrderId = OrderId,
                OrderNumber = "ABCDEFGH",
                PaymentStatus = PaymentStatus.Pending,
                Total = attempt.Amount,
                Provider = attempt.Provider,
                Version = 1,
                CurrentAttemptId = attempt.AttemptId,
                Customer = new Customer(OrderId, "a@example.com", "A", "B", "KE", "254700000001"),
                CreatedAt = Start,
                UpdatedAt = Start,
                ExpiresAt = Start + lifetime,
            },
            [new ModelAttempt(attempt, Truth.OnItsWay)],
            Start,
            Paid: "",
            Inbox: "");
    }

    /// <summary>Two worlds with the same key have the same future.</summary>
    public string Key => string.Join('|', [
        Order.PaymentStatus, Order.Reason, Order.SafeToRetry, (Order.ExpiresAt - Now).TotalSeconds, Paid, Inbox,
        .. Attempts.Select(a => (object)(a.Truth, a.Known.State, a.Known.ToldToBeOver, a.Known.ProviderReference is null, (Now - a.Known.CreatedAt).TotalSeconds)),
    ]);

    /// <summary>The buyer presses Try again: the same rule as the endpoint's.</summary>
    public ModelWorld? Retried()
    {
        if (!Order.SafeToRetry || Attempts.Any(a => a.Known.CanStillSucceed))
        {
            return null;
        }

        var attempt = NewAttempt(Attempts.Count + 1, Now);
        return this with
        {
            Attempts = [.. Attempts, new ModelAttempt(attempt, Truth.OnItsWay)],
            Order = Order with
            {
                PaymentStatus = PaymentStatus.Processing,
                Reason = null,
                SafeToRetry = false,
                CurrentAttemptId = attempt.AttemptId,
                Version = Order.Version + 1,
                ExpiresAt = Clock.Later(Order.ExpiresAt, Now + TimeSpan.FromMinutes(15)),
            },
        };
    }

    /// <summary>
    /// Time passes. At the horizon no prompt is left; that is what the horizon means. A push has a time limit of seconds: what
    /// has not gone out by the time a prompt can live never will, because its node has died.
    /// </summary>
    public ModelWorld Later(TimeSpan by)
    {
        var now = Now + by;
        return this with
        {
            Now = now,
            Attempts = [.. Attempts.Select(a => Gone(a, now - a.Known.CreatedAt) ? a with { Truth = Truth.NoPrompt } : a)],
        };
    }

    private static bool Gone(ModelAttempt attempt, TimeSpan age) =>
        (attempt.Truth == Truth.Prompt && age >= Rules.Horizon) || (attempt.Truth == Truth.OnItsWay && age >= AskRules.LongestPrompt);

    public ModelWorld Really(int n, Truth truth) => this with { Attempts = [.. Attempts.Select((a, i) => i == n ? a with { Truth = truth } : a)] };

    /// <summary>Somebody says something about an attempt; it goes through the product's own decision.</summary>
    public ModelWorld Told(int n, ReportSource source, ReportedOutcome outcome, bool withReference = false, bool withReceipt = true)
    {
        var attempt = Attempts[n];
        return Settled(n, new PaymentReport
        {
            Provider = attempt.Known.Provider,
            Source = source,
            Outcome = outcome,
            Clues = new AttemptClues { AttemptId = attempt.Known.AttemptId, ProviderReference = withReference ? attempt.ProviderReference : null },
            TransactionId = outcome == ReportedOutcome.Paid && withReceipt ? attempt.Receipt : null,
            Amount = source == ReportSource.Callback ? attempt.Known.Amount.Major : null,
            Reason = Reasons.ProviderError,
            Code = outcome.ToString(),

            // As PayHero's provider has it.
            Doubtful = outcome == ReportedOutcome.Failed && source == ReportSource.Query,
        });
    }

    /// <summary>The reconcile job looks at an attempt after it has, or has not, been answered.</summary>
    public ModelWorld Expired(int n, bool answered) =>
        Expiry.Decide(Attempts[n].Known, Order.ExpiresAt, answered, Rules, Now) is { } report ? Settled(n, report) : this;

    private ModelWorld Settled(int n, PaymentReport report)
    {
        var taken = report.TransactionId is not { } receipt ? null
            : Paid == receipt ? new TakenTransaction(OrderId, InMoneyInbox: false)
            : Inbox.Contains(receipt, StringComparison.Ordinal) ? new TakenTransaction(OrderId, InMoneyInbox: true)
            : null;
        var facts = new SettlementFacts(Order, Attempts[n].Known, CluesDisagree: false, [.. Attempts.Select(a => a.Known)], taken);
        var settlement = Settlement.Decide(report, facts, Now);
        return this with
        {
            Order = settlement.After ?? Order,
            Attempts = [.. Attempts.Select((a, i) => i == n && settlement.Attempt is { } known ? a with { Known = known } : a)],
            Paid = settlement.Payment?.TransactionId ?? Paid,
            Inbox = settlement.MoneyInboxEntry is { } entry ? Inbox + entry.TransactionId : Inbox,
        };
    }

    private static Attempt NewAttempt(int number, DateTime now) => new()
    {
        AttemptId = new Guid(FormattableString.Invariant($"018f0000-0000-7000-8000-00000000001{number}")),
        OrderId = OrderId,
        Number = number,
        Provider = "payhero",
        State = AttemptState.Created,
        Reference = FormattableString.Invariant($"ABCDEFGH-P{number}"),
        Amount = new Money(30_000, "KES"),
        CreatedAt = now,
    };
}
