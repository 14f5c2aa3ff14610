namespace LongPoll.Server.Payments;

/// <summary>Where the payment of an order stands. The last four are settled.</summary>
internal enum PaymentStatus
{
    Pending,
    Processing,
    Completed,
    Cancelled,
    Failed,
    Expired,
}

/// <summary>What became of bookings and tickets of a paid order.</summary>
internal enum Fulfilment
{
    None,
    Pending,
    Completed,
    Partial,
    Failed,
}

/// <summary>An order as it stands in the store, with the contact details of its buyer.</summary>
internal sealed record Order
{
    public required Guid OrderId { get; init; }
    public required string OrderNumber { get; init; }
    public required PaymentStatus PaymentStatus { get; init; }
    public required Money Total { get; init; }
    public long RefundedMinor { get; init; }
    public required string Provider { get; init; }
    public string? Receipt { get; init; }
    public string? CheckoutUrl { get; init; }
    public string? Reason { get; init; }
    public bool SafeToRetry { get; init; }
    public string? BookingReference { get; init; }
    public Fulfilment Fulfilment { get; init; }

    /// <summary>What became of each ticket, in their order; empty until they were asked for.</summary>
    public IReadOnlyList<OrderTicket> Tickets { get; init; } = [];

    /// <summary>Grows by one with every change. It is also the guard of every update: <c>where version = @Seen</c>.</summary>
    public required long Version { get; init; }
    public required Guid CurrentAttemptId { get; init; }
    public required Customer Customer { get; init; }
    public required DateTime CreatedAt { get; init; }
    public required DateTime UpdatedAt { get; init; }
    public required DateTime ExpiresAt { get; init; }

    /// <summary>The payment link that it belongs to, where there is one.</summary>
    public Guid? LinkId { get; init; }

    public bool Settled => PaymentStatus >= PaymentStatus.Completed;
}

/// <summary>One ticket as the order tells of it. <paramref name="Error"/> is a fixed code, null where it was issued.</summary>
internal sealed record OrderTicket(string? Seat, bool Success, string? Error);

/// <summary>Whether a paid order promises tickets and mails, by configuration.</summary>
internal sealed record FulfilmentRule(bool Promised);

/// <summary>
/// One set of contact details. With the raw callbacks it is the only place of personal data,
/// so that a person can be erased without touching the books.
/// </summary>
internal sealed record Customer(Guid CustomerId, string Email, string FirstName, string LastName, string Country, string Phone);
