using LongPoll.Server.Payments;

namespace LongPoll.Benchmarks;

/// <summary>An order that is being paid, as long as orders are in life.</summary>
internal static class Sample
{
    public static readonly DateTime Noon = new(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc);

    public static Order Order { get; } = new()
    {
        OrderId = Guid.Parse("01a1fbc7-52d1-7b60-8a42-0f3f1e9f6a11"),
        OrderNumber = "XM26QJTC",
        PaymentStatus = PaymentStatus.Processing,
        Total = new Money(30_000, "KES"),
        Provider = "payhero",
        Version = 2,
        CurrentAttemptId = Guid.Parse("01a1fbc7-52d1-7b60-8a42-0f3f1e9f6a12"),
        Customer = new Customer(Guid.Parse("01a1fbc7-52d1-7b60-8a42-0f3f1e9f6a13"), "wanjiku@example.com", "Wanjiku", "Kamau", "Kenya", "254712345678"),
        CreatedAt = Noon.AddMinutes(-2),
        UpdatedAt = Noon.AddMinutes(-1),
        ExpiresAt = Noon.AddMinutes(13),
    };

    public static Attempt Attempt { get; } = new()
    {
        AttemptId = Order.CurrentAttemptId,
        OrderId = Order.OrderId,
        Number = 1,
        Provider = Order.Provider,
        State = AttemptState.Prompted,
        Reference = $"{Order.OrderNumber}-P1",
        ProviderReference = "E8UWT7CLUW",
        Amount = Order.Total,
        CreatedAt = Order.CreatedAt,
    };

    /// <summary>A callback that claims the money, with every rung of the ladder.</summary>
    public static PaymentReport Paid { get; } = new()
    {
        Provider = Order.Provider,
        Source = ReportSource.Callback,
        Outcome = ReportedOutcome.Paid,
        Clues = new AttemptClues { AttemptId = Attempt.AttemptId, Reference = Attempt.Reference },
        TransactionId = "UKLTCTGSG0",
        Amount = 300,
        Code = "0",
    };

    /// <summary>The view of another order that was paid.</summary>
    public static OrderSnapshot PaidView(Guid orderId) => OrderSnapshot.Of(Order with
    {
        OrderId = orderId,
        PaymentStatus = PaymentStatus.Completed,
        Receipt = Paid.TransactionId,
        BookingReference = "BK-H9M0PPRXXR",
        Version = 3,
    });
}
