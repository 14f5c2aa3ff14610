using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LongPoll.Server.Payments;

/// <summary>
/// The order as everybody sees it: the body of every answer, the SSE event, the Redis message and the cache entry
/// are these same bytes. Money is in major units, instants are UTC. It carries no full personal data.
/// </summary>
public record OrderView
{
    /// <summary>UUID version 7.</summary>
    public required Guid OrderId { get; init; }

    /// <summary>Short, unique, for people.</summary>
    public required string OrderNumber { get; init; }

    /// <summary><c>pending</c>, <c>processing</c>, <c>completed</c>, <c>cancelled</c>, <c>failed</c> or <c>expired</c>.</summary>
    public required string PaymentStatus { get; init; }

    /// <summary>The order: <c>pending</c>, <c>confirmed</c> (paid) or <c>cancelled</c> (ended unpaid).</summary>
    public required string Status { get; init; }

    /// <summary>True when <see cref="PaymentStatus"/> is one of the last four.</summary>
    public required bool Settled { get; init; }

    /// <summary>Major units, with the decimals of the currency.</summary>
    public required decimal TotalAmount { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>Major units; 0 until money goes back.</summary>
    public required decimal RefundedAmount { get; init; }

    /// <summary><c>payhero</c>, <c>stripe</c> or <c>phonepe</c>.</summary>
    public required string Provider { get; init; }

    /// <summary>The provider's receipt, or null until paid.</summary>
    public required string? Receipt { get; init; }

    /// <summary>Where the buyer pays when the provider has a page of its own and the order waits for it, else null.</summary>
    public required string? CheckoutUrl { get; init; }

    /// <summary>Stable code for pages to translate, or null.</summary>
    public required string? Reason { get; init; }

    /// <summary>One English sentence for the buyer.</summary>
    public required string Message { get; init; }

    /// <summary>May the buyer press Try again? Never true while an earlier attempt can still succeed.</summary>
    public required bool SafeToRetry { get; init; }

    /// <summary>First name, masked address and masked phone.</summary>
    public required CustomerView Customer { get; init; }

    /// <summary>Null until paid; the same transaction always gives the same reference.</summary>
    public required string? BookingReference { get; init; }

    /// <summary><c>none</c>, <c>pending</c>, <c>completed</c>, <c>partial</c> or <c>failed</c>.</summary>
    public required string Fulfilment { get; init; }

    /// <summary>Empty until issued.</summary>
    public required IReadOnlyList<TicketView> Tickets { get; init; }

    /// <summary>Grows with every change; never goes back.</summary>
    public required long Version { get; init; }

    /// <summary>When the order was made.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>When the order last changed.</summary>
    public required DateTime UpdatedAt { get; init; }

    /// <summary>Until when the order can be paid.</summary>
    public required DateTime ExpiresAt { get; init; }

    internal static OrderView Of(Order order) => new()
    {
        OrderId = order.OrderId,
        OrderNumber = order.OrderNumber,
        PaymentStatus = Names.Of(order.PaymentStatus),
        Status = order.PaymentStatus == Payments.PaymentStatus.Completed ? "confirmed" : order.Settled ? "cancelled" : "pending",
        Settled = order.Settled,
        TotalAmount = order.Total.Major,
        Currency = order.Total.Currency,
        RefundedAmount = new Money(order.RefundedMinor, order.Total.Currency).Major,
        Provider = order.Provider,
        Receipt = order.Receipt,

        // A page that can no longer be paid is nowhere to send anybody.
        CheckoutUrl = order.Settled ? null : order.CheckoutUrl,
        Reason = order.Reason,
        Message = BuyerMessages.For(order),
        SafeToRetry = order.SafeToRetry,
        Customer = CustomerView.Of(order.Customer),
        BookingReference = order.BookingReference,
        Fulfilment = Names.Of(order.Fulfilment),
        Tickets = [.. order.Tickets.Select((ticket, n) => TicketView.Of(order.OrderId, n + 1, ticket))],
        Version = order.Version,
        CreatedAt = order.CreatedAt,
        UpdatedAt = order.UpdatedAt,
        ExpiresAt = order.ExpiresAt,
    };
}

/// <summary>As much of the buyer as a page may show.</summary>
public sealed record CustomerView(string FirstName, string Email, string Phone)
{
    internal static CustomerView Of(Customer customer) =>
        new(customer.FirstName, MaskEmail(customer.Email), MaskPhone(customer.Phone));

    // t***@example.com: one letter is enough for the owner to know it, too little for anybody else.
    private static string MaskEmail(string email)
    {
        var at = email.IndexOf('@', StringComparison.Ordinal);
        return at < 1 ? "" : $"{email[0]}***{email[at..]}";
    }

    // 2547*****938
    private static string MaskPhone(string phone) =>
        phone.Length < 8 ? "" : string.Concat(phone.AsSpan(0, 4), new string('*', phone.Length - 7), phone.AsSpan(phone.Length - 3));
}

/// <summary>One ticket of an order. Never a ticket code.</summary>
/// <param name="Seat">Null where seats are free.</param>
/// <param name="Success">True when it was issued.</param>
/// <param name="Url">Its page, which opens with the order's access token only; null until it was issued.</param>
/// <param name="Error">Why it was not issued, a fixed code; it is tried again.</param>
public sealed record TicketView(string? Seat, bool Success, string? Url, string? Error)
{
    internal static TicketView Of(Guid orderId, int number, OrderTicket ticket) => new(
        ticket.Seat, ticket.Success, ticket.Success ? string.Create(CultureInfo.InvariantCulture, $"/orders/{orderId:D}/tickets/{number}") : null, ticket.Error);
}

/// <summary>The words that enumerations have outside: in JSON and in the database.</summary>
internal static class Names
{
    public static string Of(PaymentStatus status) => status switch
    {
        PaymentStatus.Pending => "pending",
        PaymentStatus.Processing => "processing",
        PaymentStatus.Completed => "completed",
        PaymentStatus.Cancelled => "cancelled",
        PaymentStatus.Failed => "failed",
        _ => "expired",
    };

    public static string Of(Fulfilment fulfilment) => fulfilment switch
    {
        Fulfilment.None => "none",
        Fulfilment.Pending => "pending",
        Fulfilment.Completed => "completed",
        Fulfilment.Partial => "partial",
        _ => "failed",
    };

    public static string Of(AttemptState state) => state.ToString().ToLowerInvariant();

    public static string Of(SettlementResult result) => result.ToString().ToLowerInvariant();

    public static string Of(ReportSource source) => source.ToString().ToLowerInvariant();
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(OrderView))]
[JsonSerializable(typeof(IReadOnlyList<OrderTicket>))]
internal sealed partial class OrderViewJson : JsonSerializerContext;
