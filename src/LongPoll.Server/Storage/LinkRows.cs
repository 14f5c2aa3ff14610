using LongPoll.Server.Links;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage;

/// <summary>A payment link with what its orders say, as both databases give it.</summary>
internal sealed class LinkRow
{
    public Guid LinkId { get; set; }
    public string ShortCode { get; set; } = "";
    public long AmountMinor { get; set; }
    public string Currency { get; set; } = "";
    public string Description { get; set; } = "";
    public string Provider { get; set; } = "";
    public string State { get; set; } = "";
    public DateTime CreatedAt { get; set; }
    public DateTime UpdatedAt { get; set; }
    public DateTime ExpiresAt { get; set; }
    public string EventType { get; set; } = "";
    public DateTime EventAt { get; set; }
    public Guid? OrderId { get; set; }
    public string? PaymentStatus { get; set; }
    public bool? SafeToRetry { get; set; }
    public string? MovedTo { get; set; }
    public DateTime? MovedAt { get; set; }
    public string? PaidProvider { get; set; }
    public string? TransactionId { get; set; }
    public long? PaidMinor { get; set; }
    public string? PaidCurrency { get; set; }
    public DateTime? PaidAt { get; set; }

    public PaymentLink ToLink() => new()
    {
        LinkId = LinkId,
        ShortCode = ShortCode,
        Amount = new Money(AmountMinor, Currency),
        Description = Description,
        Provider = Provider,
        State = Enum.Parse<LinkState>(State, ignoreCase: true),
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        ExpiresAt = ExpiresAt,
        LastEvent = new LinkEvent(EventType, EventAt),
        NewestOrder = OrderId is { } order
            ? new LinkOrder(order, Status(PaymentStatus!), SafeToRetry == true, MovedTo is null ? null : Status(MovedTo), MovedAt)
            : null,
        Money = TransactionId is { } transaction
            ? new LinkMoney(PaidProvider!, transaction, new Money(PaidMinor!.Value, PaidCurrency!), PaidAt!.Value)
            : null,
    };

    private static PaymentStatus Status(string word) => Enum.Parse<PaymentStatus>(word, ignoreCase: true);
}

/// <summary>What its payment link says about an order, as both databases give it.</summary>
internal sealed class LinkTermsRow
{
    public Guid OrderId { get; set; }
    public bool Open { get; set; }
    public DateTime ExpiresAt { get; set; }
    public bool Replaced { get; set; }
    public bool PaidByAnother { get; set; }

    public LinkTerms ToTerms() => new(Open, ExpiresAt, Replaced, PaidByAnother);
}

/// <summary>What both databases write of a new link.</summary>
internal static class LinkParameters
{
    public static object Create(PaymentLink link) => new
    {
        link.LinkId,
        link.ShortCode,
        AmountMinor = link.Amount.Minor,
        link.Amount.Currency,
        link.Description,
        link.Provider,
        State = Word(link.State),
        link.CreatedAt,
        link.ExpiresAt,
    };

    /// <summary>The word of a state in the database.</summary>
    public static string Word(LinkState state) => state.ToString().ToLowerInvariant();
}
