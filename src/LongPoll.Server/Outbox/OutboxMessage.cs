namespace LongPoll.Server.Outbox;

/// <summary>
/// Something promised in the same commit as what it follows from. It carries ids only, never personal data.
/// </summary>
/// <param name="MessageId">UUID version 7.</param>
/// <param name="Kind">Which handler takes it.</param>
/// <param name="Key">At most one open message has it: the same promise is not made twice.</param>
/// <param name="OrderId">The order it belongs to.</param>
/// <param name="SubjectId">What the handler works on, for example the attempt.</param>
/// <param name="CreatedAt">When it was promised.</param>
/// <param name="DueAt">Not before.</param>
/// <param name="Tries">How often it was taken up so far, this time included once claimed.</param>
internal sealed record OutboxMessage(
    Guid MessageId, string Kind, string Key, Guid OrderId, Guid SubjectId, DateTime CreatedAt, DateTime DueAt, int Tries)
{
    public const string AskProviderKind = "ask_provider";
    public const string FulfilKind = "fulfil";

    /// <summary>Its key ends with the kinds of mails that it promises, comma between.</summary>
    public const string MailKind = "mail";

    public const string AskRefundKind = "ask_refund";

    /// <summary>A refund was told by somebody who can be imitated: its provider is asked. The refund's id stands at the end of the key.</summary>
    public static OutboxMessage AskRefund(Guid orderId, Guid attemptId, string refundId, DateTime now) =>
        new(Guid.CreateVersion7(), AskRefundKind, $"{AskRefundKind}:{attemptId}:{refundId}", orderId, attemptId, now, now, Tries: 0);

    public static OutboxMessage AskProvider(Guid orderId, Guid attemptId, DateTime now) =>
        new(Guid.CreateVersion7(), AskProviderKind, $"{AskProviderKind}:{attemptId}", orderId, attemptId, now, now, Tries: 0);

    /// <summary>Tickets and mails of a paid order.</summary>
    public static OutboxMessage Fulfil(Guid orderId, DateTime now) =>
        new(Guid.CreateVersion7(), FulfilKind, $"{FulfilKind}:{orderId}", orderId, orderId, now, now, Tries: 0);
}
