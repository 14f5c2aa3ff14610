using LongPoll.Server.Payments;

namespace LongPoll.Server.Links;

/// <summary>Where a payment link stands. The last three are final, except that late money makes any of them <see cref="Paid"/>.</summary>
internal enum LinkState
{
    /// <summary>Made, and not to be paid yet.</summary>
    Draft,

    /// <summary>It can be paid.</summary>
    Open,

    /// <summary>An order of it has the money.</summary>
    Paid,

    /// <summary>Its time ran out.</summary>
    Expired,

    /// <summary>The merchant took it back.</summary>
    Canceled,
}

/// <summary>Something that happened to a link.</summary>
internal readonly record struct LinkEvent(string Type, DateTime At);

/// <summary>The words of events, as the status tells them.</summary>
internal static class LinkEvents
{
    public const string Created = "CREATED";
    public const string Opened = "OPENED";
    public const string PaymentStarted = "PAYMENT_STARTED";
    public const string PaymentCanceled = "PAYMENT_CANCELED";
    public const string PaymentFailed = "PAYMENT_FAILED";
    public const string PaymentExpired = "PAYMENT_EXPIRED";
    public const string Paid = "PAID";
    public const string Expired = "EXPIRED";
    public const string Canceled = "CANCELED";
}

/// <summary>The newest order of a link, with the last move of its payment from the audit log.</summary>
internal sealed record LinkOrder(Guid OrderId, PaymentStatus Status, bool SafeToRetry, PaymentStatus? MovedTo, DateTime? MovedAt);

/// <summary>The money that a link was paid with.</summary>
internal sealed record LinkMoney(string Provider, string TransactionId, Money Amount, DateTime At);

/// <summary>A link that asks for one payment, as it stands in the store, with what its orders say.</summary>
internal sealed record PaymentLink
{
    public required Guid LinkId { get; init; }

    /// <summary>What stands in the address of its page.</summary>
    public required string ShortCode { get; init; }
    public required Money Amount { get; init; }
    public required string Description { get; init; }
    public required string Provider { get; init; }

    /// <summary>What the link itself says. Whether it is paid its orders say: see <see cref="Current"/>.</summary>
    public required LinkState State { get; init; }
    public required DateTime CreatedAt { get; init; }
    public required DateTime UpdatedAt { get; init; }
    public required DateTime ExpiresAt { get; init; }

    /// <summary>The last event of the link itself.</summary>
    public required LinkEvent LastEvent { get; init; }
    public LinkOrder? NewestOrder { get; init; }
    public LinkMoney? Money { get; init; }

    /// <summary>
    /// Where the link stands. That it is paid is written nowhere but with the money: no crash can part the two, and money that
    /// comes late counts by itself.
    /// </summary>
    public LinkState Current => Money is not null ? LinkState.Paid : State;

    /// <summary>Its time is over. A link that has its money has not run out, however late that came.</summary>
    public bool IsExpired(DateTime now) => Current != LinkState.Paid && ExpiresAt <= now;

    /// <summary>The last thing that happened: a link that is over tells how it ended, an open one also what became of its payment.</summary>
    public LinkEvent Last => (Current, NewestOrder) switch
    {
        (LinkState.Paid, _) => new LinkEvent(LinkEvents.Paid, Money?.At ?? UpdatedAt),
        (LinkState.Open, { MovedTo: { } moved, MovedAt: { } at }) when at >= LastEvent.At => new LinkEvent(EventOf(moved), at),
        _ => LastEvent,
    };

    private static string EventOf(PaymentStatus moved) => moved switch
    {
        PaymentStatus.Cancelled => LinkEvents.PaymentCanceled,
        PaymentStatus.Failed => LinkEvents.PaymentFailed,
        PaymentStatus.Expired => LinkEvents.PaymentExpired,
        _ => LinkEvents.PaymentStarted,
    };
}
