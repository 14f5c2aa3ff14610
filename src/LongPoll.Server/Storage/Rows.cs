using System.Text.Json;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage;

/// <summary>An order joined with its customer, as both databases give it.</summary>
internal sealed class OrderRow
{
    /// <summary>The columns of <see cref="OrderRow"/>, of <c>orders o join customers c</c>.</summary>
    public const string Columns = """
        o.order_id, o.order_number, o.payment_status, o.total_minor, o.currency, o.refunded_minor, o.provider, o.receipt,
        o.checkout_url, o.reason, o.safe_to_retry, o.booking_reference, o.fulfilment, o.ticket_list, o.version, o.current_attempt_id,
        o.created_at, o.updated_at, o.expires_at, o.link_id, c.customer_id, c.email, c.first_name, c.last_name, c.country, c.phone
        """;

    public Guid OrderId { get; set; }
    public string OrderNumber { get; set; } = "";
    public string PaymentStatus { get; set; } = "";
    public long TotalMinor { get; set; }
    public string Currency { get; set; } = "";
    public long RefundedMinor { get; set; }
    public string Provider { get; set; } = "";
    public string? Receipt { get; set; }
    public string? CheckoutUrl { get; set; }
    public string? Reason { get; set; }
    public bool SafeToRetry { get; set; }
    public string? BookingReference { get; set; }
    public string Fulfilment { get; set; } = "";
    public string? TicketList { get; set; }
    public long Version { get; set; }
    public Guid CurrentAttemptId { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime UpdatedAt { get; set; }
    public DateTime ExpiresAt { get; set; }
    public Guid? LinkId { get; set; }
    public Guid CustomerId { get; set; }
    public string Email { get; set; } = "";
    public string FirstName { get; set; } = "";
    public string LastName { get; set; } = "";
    public string Country { get; set; } = "";
    public string Phone { get; set; } = "";

    public Order ToOrder() => new()
    {
        OrderId = OrderId,
        OrderNumber = OrderNumber,
        PaymentStatus = Enum.Parse<PaymentStatus>(PaymentStatus, ignoreCase: true),
        Total = new Money(TotalMinor, Currency),
        RefundedMinor = RefundedMinor,
        Provider = Provider,
        Receipt = Receipt,
        CheckoutUrl = CheckoutUrl,
        Reason = Reason,
        SafeToRetry = SafeToRetry,
        BookingReference = BookingReference,
        Fulfilment = Enum.Parse<Payments.Fulfilment>(Fulfilment, ignoreCase: true),
        Tickets = TicketList is null ? [] : JsonSerializer.Deserialize(TicketList, OrderViewJson.Default.IReadOnlyListOrderTicket) ?? [],
        Version = Version,
        CurrentAttemptId = CurrentAttemptId,
        Customer = new Customer(CustomerId, Email, FirstName, LastName, Country, Phone),
        CreatedAt = CreatedAt,
        UpdatedAt = UpdatedAt,
        ExpiresAt = ExpiresAt,
        LinkId = LinkId,
    };
}

/// <summary>A payment attempt, as both databases give it.</summary>
internal sealed class AttemptRow
{
    /// <summary>The columns of <see cref="AttemptRow"/>, of <c>payment_attempts a</c>.</summary>
    public const string Columns = """
        a.attempt_id, a.order_id, a.number, a.provider, a.state, a.reference, a.provider_reference, a.checkout_digest,
        a.amount_minor, a.currency, a.transaction_id, a.disputed, a.result_code, a.created_at, a.ended_at
        """;

    public Guid AttemptId { get; set; }
    public Guid OrderId { get; set; }
    public int Number { get; set; }
    public string Provider { get; set; } = "";
    public string State { get; set; } = "";
    public string Reference { get; set; } = "";
    public string? ProviderReference { get; set; }
    public string? CheckoutDigest { get; set; }
    public long AmountMinor { get; set; }
    public string Currency { get; set; } = "";
    public string? TransactionId { get; set; }
    public bool Disputed { get; set; }
    public string? ResultCode { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime? EndedAt { get; set; }

    public Attempt ToAttempt() => new()
    {
        AttemptId = AttemptId,
        OrderId = OrderId,
        Number = Number,
        Provider = Provider,
        State = Enum.Parse<AttemptState>(State, ignoreCase: true),
        Reference = Reference,
        ProviderReference = ProviderReference,
        CheckoutDigest = CheckoutDigest,
        Amount = new Money(AmountMinor, Currency),
        TransactionId = TransactionId,
        Disputed = Disputed,
        ResultCode = ResultCode,
        CreatedAt = CreatedAt,
        EndedAt = EndedAt,
    };
}

/// <summary>An attempt that is due to be asked about, with what its order says.</summary>
internal sealed class SilentAttemptRow
{
    public DateTime OrderExpiresAt { get; set; }

    public SilentAttempt ToSilentAttempt(AttemptRow attempt) => new(attempt.ToAttempt(), OrderExpiresAt);
}

/// <summary>A kept callback.</summary>
internal sealed class CallbackRow
{
    /// <summary>Those received after <c>@Since</c> that fit an attempt now, and older ones that nothing has fitted; <c>@Limit</c> of each, the oldest.</summary>
    public const string Ripe = """
        select * from (
            select c.callback_id, c.provider, c.body, c.received_at from callbacks c
            where c.result = 'unmatched' and c.received_at > @Since and (
                exists (select 1 from payment_attempts a where a.provider = c.provider and a.reference = c.reference)
                or exists (select 1 from payment_attempts a where a.provider = c.provider and a.checkout_digest = c.checkout_digest)
                or exists (select 1 from payment_attempts a where a.provider = c.provider and a.provider_reference = c.provider_reference)
                or exists (select 1 from payments p where p.provider = c.provider and p.transaction_id = c.transaction_id))
            order by c.received_at limit @Limit) as fitting
        union all
        select * from (
            select callback_id, provider, body, received_at from callbacks
            where result = 'unmatched' and received_at <= @Since
            order by received_at limit @Limit) as overdue
        """;

    public Guid CallbackId { get; set; }
    public string Provider { get; set; } = "";
    public byte[] Body { get; set; } = [];
    public DateTime ReceivedAt { get; set; }

    public RawCallback ToRawCallback() => new(CallbackId, Provider, Body, ReceivedAt);
}

/// <summary>An outbox message.</summary>
internal sealed class OutboxRow
{
    /// <summary>The message is due at <c>@Now</c>, and nobody holds it.</summary>
    public const string Due = "done_at is null and buried_at is null and due_at <= @Now and (leased_until is null or leased_until < @Now)";

    public Guid MessageId { get; set; }
    public string Kind { get; set; } = "";
    public string Key { get; set; } = "";
    public Guid OrderId { get; set; }
    public Guid SubjectId { get; set; }
    public DateTime CreatedAt { get; set; }
    public DateTime DueAt { get; set; }
    public int Tries { get; set; }

    public OutboxMessage ToMessage() => new(MessageId, Kind, Key, OrderId, SubjectId, CreatedAt, DueAt, Tries);
}

/// <summary>Money that went back.</summary>
internal sealed class RefundRow
{
    /// <summary>The columns of <see cref="RefundRow"/>.</summary>
    public const string Columns = "refund_id, order_id, attempt_id, provider, amount_minor, currency, in_all, at";

    public string RefundId { get; set; } = "";
    public Guid OrderId { get; set; }
    public Guid AttemptId { get; set; }
    public string Provider { get; set; } = "";
    public long AmountMinor { get; set; }
    public string Currency { get; set; } = "";
    public bool InAll { get; set; }
    public DateTime At { get; set; }

    public Refund ToRefund() => new(RefundId, OrderId, AttemptId, Provider, new Money(AmountMinor, Currency), InAll, At);
}

/// <summary>Money in the inbox.</summary>
internal sealed class MoneyInboxRow
{
    /// <summary>The columns of <see cref="MoneyInboxRow"/>.</summary>
    public const string Columns = "entry_id, order_id, attempt_id, provider, transaction_id, amount_minor, currency, problem, received_at";

    public Guid EntryId { get; set; }
    public Guid? OrderId { get; set; }
    public Guid? AttemptId { get; set; }
    public string Provider { get; set; } = "";
    public string TransactionId { get; set; } = "";
    public long? AmountMinor { get; set; }
    public string? Currency { get; set; }
    public string Problem { get; set; } = "";
    public DateTime ReceivedAt { get; set; }

    public MoneyInboxEntry ToEntry() => new(
        EntryId, OrderId, AttemptId, Provider, TransactionId,
        AmountMinor is { } minor && Currency is { } currency ? new Money(minor, currency) : null, Problem, ReceivedAt);
}

/// <summary>What stands about one report: one row for each attempt of its order.</summary>
internal sealed class FactRow
{
    /// <summary>Which report of the list.</summary>
    public int N { get; set; }
    public Guid? MatchedAttemptId { get; set; }
    public bool Disagree { get; set; }
    public bool Taken { get; set; }
    public Guid? TakenByOrderId { get; set; }
    public bool TakenInInbox { get; set; }
    public bool TakenDecided { get; set; }

    public TakenTransaction? ToTaken() => Taken ? new TakenTransaction(TakenByOrderId, TakenInInbox, TakenDecided) : null;
}
