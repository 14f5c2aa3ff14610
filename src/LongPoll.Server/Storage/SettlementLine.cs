using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage;

/// <summary>A settlement as one flat line: every column that one report may write, in whichever table.</summary>
internal sealed record SettlementLine
{
    public required int N { get; init; }
    public required bool Moves { get; init; }

    /// <summary>The order stays as it is, and its attempt learns the provider's ids; no version guards that, for an id once known stays.</summary>
    public required bool Learns { get; init; }
    public required string Provider { get; init; }

    /// <summary>The order changes in what payments on a phone never change.</summary>
    public required bool Seldom { get; init; }
    public DateTime? At { get; init; }
    public Guid? OrderId { get; init; }
    public long? Seen { get; init; }
    public long? Version { get; init; }
    public string? FromStatus { get; init; }
    public string? PaymentStatus { get; init; }
    public string? Receipt { get; init; }
    public string? Reason { get; init; }
    public bool? SafeToRetry { get; init; }
    public string? BookingReference { get; init; }
    public string? Fulfilment { get; init; }
    public string? CheckoutUrl { get; init; }
    public long? RefundedMinor { get; init; }
    public DateTime? UpdatedAt { get; init; }
    public Guid? AttemptId { get; init; }
    public string? AttemptState { get; init; }
    public string? ProviderReference { get; init; }
    public string? CheckoutDigest { get; init; }
    public string? TransactionId { get; init; }
    public bool? Disputed { get; init; }
    public string? ResultCode { get; init; }
    public DateTime? EndedAt { get; init; }
    public Guid? EventId { get; init; }
    public string? Source { get; init; }
    public string? Code { get; init; }
    public Guid? PaymentId { get; init; }
    public Guid? BookingId { get; init; }
    public string? PaidTransactionId { get; init; }
    public Guid? LinkId { get; init; }
    public long? AmountMinor { get; init; }
    public string? Currency { get; init; }
    public Guid? InboxId { get; init; }
    public string? InboxTransactionId { get; init; }
    public long? InboxAmountMinor { get; init; }
    public string? InboxCurrency { get; init; }
    public string? Problem { get; init; }
    public string? DecisionReason { get; init; }
    public string? RefundId { get; init; }
    public long? RefundMinor { get; init; }
    public string? RefundCurrency { get; init; }
    public bool? RefundInAll { get; init; }
    public Guid? CallbackId { get; init; }
    public DateTime? ReceivedAt { get; init; }
    public byte[]? Body { get; init; }
    public required string Result { get; init; }
    public string? ClueReference { get; init; }
    public string? ClueCheckoutDigest { get; init; }
    public string? ClueProviderReference { get; init; }
    public string? ClueTransactionId { get; init; }
    public required IReadOnlyList<OutboxMessage> Messages { get; init; }

    public static SettlementLine Of(Settlement settlement, int n)
    {
        var (report, after, attempt, entry) = (settlement.Report, settlement.After, settlement.Attempt, settlement.MoneyInboxEntry);
        return new SettlementLine
        {
            N = n,
            Moves = after is not null,
            Learns = after is null && attempt is not null,
            Provider = report.Provider,
            Seldom = report.Refund is not null || settlement.Payment is { LinkId: not null } || (after is not null && after.CheckoutUrl != settlement.Before!.CheckoutUrl),
            At = settlement.Event?.At ?? entry?.ReceivedAt,
            OrderId = settlement.Current?.OrderId,
            Seen = settlement.Before?.Version,
            Version = after?.Version,
            FromStatus = settlement.Before is { } before ? Names.Of(before.PaymentStatus) : null,
            PaymentStatus = after is null ? null : Names.Of(after.PaymentStatus),
            Receipt = after?.Receipt,
            Reason = after?.Reason,
            SafeToRetry = after?.SafeToRetry,
            BookingReference = after?.BookingReference,
            Fulfilment = after is null ? null : Names.Of(after.Fulfilment),
            CheckoutUrl = after?.CheckoutUrl,
            RefundedMinor = after?.RefundedMinor,
            UpdatedAt = after?.UpdatedAt,
            AttemptId = settlement.AttemptId,
            AttemptState = attempt is null ? null : Names.Of(attempt.State),
            ProviderReference = attempt?.ProviderReference,
            CheckoutDigest = attempt?.CheckoutDigest,
            TransactionId = attempt?.TransactionId,
            Disputed = attempt?.Disputed,
            ResultCode = attempt?.ResultCode,
            EndedAt = attempt?.EndedAt,
            EventId = settlement.Event?.EventId,
            Source = settlement.Event is { } happened ? Names.Of(happened.Source) : null,
            Code = settlement.Event?.Code,
            PaymentId = settlement.Payment?.PaymentId,
            BookingId = settlement.Booking?.BookingId,
            PaidTransactionId = settlement.Payment?.TransactionId,
            LinkId = settlement.Payment?.LinkId,
            AmountMinor = settlement.Payment?.Amount.Minor,
            Currency = settlement.Payment?.Amount.Currency,
            InboxId = entry?.EntryId,
            InboxTransactionId = entry?.TransactionId,
            InboxAmountMinor = entry?.Amount?.Minor,
            InboxCurrency = entry?.Amount?.Currency,
            Problem = entry?.Problem,
            DecisionReason = report.DecisionReason,
            RefundId = settlement.Refund?.RefundId,
            RefundMinor = settlement.Refund?.Amount.Minor,
            RefundCurrency = settlement.Refund?.Amount.Currency,
            RefundInAll = settlement.Refund?.InAll,
            CallbackId = report.Raw?.CallbackId,
            ReceivedAt = report.Raw?.ReceivedAt,
            Body = report.Raw?.Body.ToArray(),
            Result = Names.Of(settlement.Result),
            ClueReference = report.Clues.Reference,
            ClueCheckoutDigest = report.Clues.CheckoutDigest,
            ClueProviderReference = report.Clues.ProviderReference,
            ClueTransactionId = report.Refund is null ? null : report.TransactionId,
            Messages = settlement.Outbox,
        };
    }
}
