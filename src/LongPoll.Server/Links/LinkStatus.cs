using LongPoll.Server.Payments;

namespace LongPoll.Server.Links;

/// <summary>What is told of a payment link: the body of every answer about one.</summary>
public sealed record LinkAnswer(LinkStatus Data)
{
    internal static LinkAnswer Of(PaymentLink link, DateTime now) => new(LinkStatus.Of(link, now));
}

/// <summary>A payment link as it stands. Instants are UTC.</summary>
public sealed record LinkStatus
{
    /// <summary>UUID version 7.</summary>
    public required Guid Id { get; init; }

    /// <summary>The link's page is <c>/pay/{shortCode}</c>.</summary>
    public required string ShortCode { get; init; }

    /// <summary><c>DRAFT</c>, <c>OPEN</c>, <c>PAID</c>, <c>EXPIRED</c> or <c>CANCELED</c>.</summary>
    public required string CurrentStatus { get; init; }

    /// <summary>One English sentence.</summary>
    public required string StatusMessage { get; init; }

    /// <summary>
    /// <c>CREATED</c>, <c>OPENED</c>, <c>PAYMENT_STARTED</c>, <c>PAYMENT_CANCELED</c>, <c>PAYMENT_FAILED</c>, <c>PAYMENT_EXPIRED</c>,
    /// <c>PAID</c>, <c>EXPIRED</c> or <c>CANCELED</c>.
    /// </summary>
    public required string LastEventType { get; init; }

    /// <summary>When that happened.</summary>
    public required DateTime LastEventTimestamp { get; init; }

    /// <summary>The provider that the money came through; null until paid.</summary>
    public required string? PaymentMethod { get; init; }

    /// <summary>The money; null until paid.</summary>
    public required LinkTransaction? TransactionInfo { get; init; }

    /// <summary>Until when it can be paid.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>Its time is over at the moment of this answer, whether or not <see cref="CurrentStatus"/> has followed. False for a paid link.</summary>
    public required bool IsExpired { get; init; }

    /// <summary>When it last changed.</summary>
    public required DateTime UpdatedAt { get; init; }

    internal static LinkStatus Of(PaymentLink link, DateTime now)
    {
        var last = link.Last;
        var expired = link.IsExpired(now);
        return new LinkStatus
        {
            Id = link.LinkId,
            ShortCode = link.ShortCode,
            CurrentStatus = Word(link.Current),
            StatusMessage = (link.Current, expired) switch
            {
                (LinkState.Paid, _) => "Payment received",
                (LinkState.Canceled, _) => "This payment link was canceled",
                (LinkState.Expired, _) or (_, true) => "The time to pay is over",
                (LinkState.Draft, _) => "Not open for payment yet",
                _ => "Awaiting payment",
            },
            LastEventType = last.Type,
            LastEventTimestamp = last.At,
            PaymentMethod = link.Money?.Provider,
            TransactionInfo = link.Money is { } money ? new LinkTransaction(money.TransactionId, money.Amount.Major, money.Amount.Currency, money.At) : null,
            ExpiresAt = link.ExpiresAt,
            IsExpired = expired,
            UpdatedAt = Clock.Later(link.UpdatedAt, last.At),
        };
    }

    /// <summary>The word of a state in answers.</summary>
    internal static string Word(LinkState state) => state.ToString().ToUpperInvariant();
}

/// <summary>The money that a link was paid with.</summary>
/// <param name="TransactionId">The provider's receipt: M-PESA receipt number, payment intent, PhonePe transaction id.</param>
/// <param name="Amount">Major units.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="PaidAt">When it was booked.</param>
public sealed record LinkTransaction(string TransactionId, decimal Amount, string Currency, DateTime PaidAt);
