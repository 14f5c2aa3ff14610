using LongPoll.Server.Payments;

namespace LongPoll.Tests.Support;

/// <summary>Orders, attempts and reports to begin with; a test changes what it is about with <c>with</c>.</summary>
internal static class Given
{
    public static readonly DateTime Noon = new(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc);

    public static Order Order(PaymentStatus status = PaymentStatus.Processing, Guid? orderId = null, long version = 3) => new()
    {
        OrderId = orderId ?? Guid.CreateVersion7(),
        OrderNumber = "7K3M9QXT",
        PaymentStatus = status,
        Total = new Money(30_000, "KES"),
        Provider = "payhero",
        Version = version,
        CurrentAttemptId = Guid.CreateVersion7(),
        Customer = new Customer(Guid.CreateVersion7(), "tom@example.com", "Tom", "Mboya", "Kenya", "254712345938"),
        CreatedAt = Noon.AddMinutes(-2),
        UpdatedAt = Noon.AddMinutes(-1),
        ExpiresAt = Noon.AddMinutes(13),
    };

    /// <summary>The current attempt of the order, or with another id and number a further one.</summary>
    public static Attempt AttemptOf(Order order, AttemptState state = AttemptState.Prompted, int number = 1, bool current = true) => new()
    {
        AttemptId = current ? order.CurrentAttemptId : Guid.CreateVersion7(),
        OrderId = order.OrderId,
        Number = number,
        Provider = order.Provider,
        State = state,
        Reference = $"{order.OrderNumber}-P{number}",
        ProviderReference = $"PH-{number}",
        CheckoutDigest = $"digest-{number}",
        Amount = order.Total,
        TransactionId = state == AttemptState.Paid ? "UKL0000000" : null,
        CreatedAt = Noon.AddMinutes(-2),
        EndedAt = state is AttemptState.Created or AttemptState.Prompted ? null : Noon.AddMinutes(-1),
    };

    public static PaymentReport Report(ReportedOutcome outcome, ReportSource source = ReportSource.Callback) =>
        new() { Provider = "payhero", Source = source, Outcome = outcome };

    /// <summary>A callback that claims money, with every rung of the ladder.</summary>
    public static PaymentReport Money(Attempt attempt, string? transactionId = "UKL1A2B3C4", decimal? amount = 300) =>
        Report(ReportedOutcome.Paid) with
        {
            Clues = new AttemptClues { Reference = attempt.Reference },
            TransactionId = transactionId,
            Amount = amount,
            Code = "0",
        };

    public static SettlementFacts Facts(Order order, Attempt attempt, params Attempt[] siblings) =>
        new(order, attempt, CluesDisagree: false, [attempt, .. siblings], TransactionTakenBy: null);
}
