using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LongPoll.Server.Orders;
using LongPoll.Server.Payments;

namespace LongPoll.Tests.Contracts;

/// <summary>Orders and reports as the flows make them, each with a number and a phone of its own.</summary>
internal static class Drafts
{
    public static readonly PromptLimit Limit = CreateOrder.PromptLimit;

    /// <summary>Instants are whole milliseconds, as everywhere in the product.</summary>
    public static readonly DateTime Noon = new(2026, 3, 4, 12, 0, 0, 123, DateTimeKind.Utc);

    /// <summary>When a silent provider is asked; of no matter to these stores but for the column.</summary>
    public static readonly AskRules Asking = new(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10));

    public static string Phone() => string.Create(CultureInfo.InvariantCulture, $"2547{RandomNumberGenerator.GetInt32(100_000_000):D8}");

    public static string Receipt() => "S" + Codes.Random(9);

    public static IdempotencyKey Key(string? key = null, string body = "one body") => new(key ?? Codes.Random(20), body);

    public static NewOrder Order(string? phone = null, DateTime? at = null, IdempotencyKey? key = null, string? number = null, Money? total = null, Customer? customer = null)
    {
        var now = at ?? Noon;
        var (orderId, attemptId) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var order = new Order
        {
            OrderId = orderId,
            OrderNumber = number ?? Codes.Random(12),
            PaymentStatus = PaymentStatus.Pending,
            Total = total ?? new Money(30000, "KES"),
            Provider = "payhero",
            Version = 1,
            CurrentAttemptId = attemptId,
            Customer = customer ?? new Customer(Guid.CreateVersion7(), "test@example.com", "Test", "Buyer", "KE", phone ?? Phone()),
            CreatedAt = now,
            UpdatedAt = now,
            ExpiresAt = now.AddMinutes(15),
        };
        var created = new OrderEvent(
            Guid.CreateVersion7(), orderId, attemptId, order.Version, From: null, order.PaymentStatus, AttemptState.Created, ReportSource.Buyer, Code: null, now);
        return new NewOrder(order, Attempts.Draw(order, attemptId, attemptNumber: 1, Asking, now), created, """{"name":"Gala"}""", """[{"name":"Seat","quantity":1}]""", key);
    }

    /// <summary>The push's answer: the prompt is out, and these are the provider's ids.</summary>
    public static PaymentReport Accepted(Attempt attempt, string? providerReference = null, string? digest = null) => new()
    {
        Provider = attempt.Provider,
        Source = ReportSource.Push,
        Outcome = ReportedOutcome.Accepted,
        Clues = new AttemptClues { AttemptId = attempt.AttemptId, ProviderReference = providerReference, CheckoutDigest = digest },
    };

    public static PaymentReport Paid(Attempt attempt, string receipt, decimal? amount = null) => new()
    {
        Provider = attempt.Provider,
        Source = ReportSource.Callback,
        Outcome = ReportedOutcome.Paid,
        Clues = new AttemptClues { Reference = attempt.Reference },
        TransactionId = receipt,
        Amount = amount ?? attempt.Amount.Major,
        Code = "0",
        Raw = Raw(attempt.Provider),
    };

    public static PaymentReport Cancelled(Attempt attempt) => new()
    {
        Provider = attempt.Provider,
        Source = ReportSource.Callback,
        Outcome = ReportedOutcome.Cancelled,
        Clues = new AttemptClues { Reference = attempt.Reference },
        Reason = Reasons.CancelledByBuyer,
        Code = "1032",
        Raw = Raw(attempt.Provider),
    };

    public static RawCallback Raw(string provider = "payhero", DateTime? at = null, string? body = null) =>
        new(Guid.CreateVersion7(), provider, Encoding.UTF8.GetBytes(body ?? """{"as":"it came é"}"""), at ?? Noon);
}
