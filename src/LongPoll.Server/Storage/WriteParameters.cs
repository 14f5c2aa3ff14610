using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage;

/// <summary>What both databases write: the statements differ, their parameters do not.</summary>
internal static class WriteParameters
{
    public static object OpenOrder(NewOrder made, int? linkNumber) => new
    {
        made.Order.Customer.CustomerId,
        made.Order.Customer.Email,
        made.Order.Customer.FirstName,
        made.Order.Customer.LastName,
        made.Order.Customer.Country,
        made.Order.Customer.Phone,
        made.Order.OrderId,
        made.Order.OrderNumber,
        PaymentStatus = Names.Of(made.Order.PaymentStatus),
        TotalMinor = made.Order.Total.Minor,
        made.Order.Total.Currency,
        made.Order.Provider,
        made.Order.Version,
        made.EventJson,
        made.ItemsJson,
        made.Order.CreatedAt,
        made.Order.UpdatedAt,
        made.Order.ExpiresAt,
        made.Attempt.AttemptId,
        made.Attempt.Number,
        AttemptState = Names.Of(made.Attempt.State),
        made.Attempt.Reference,
        made.Attempt.AskAt,
        made.Event.EventId,
        Source = Names.Of(made.Event.Source),
        made.IdempotencyKey?.Key,
        made.IdempotencyKey?.BodyDigest,
        made.Order.LinkId,
        LinkNumber = linkNumber,
    };

    public static object OpenAttempt(Order before, Order after, Attempt attempt, OrderEvent orderEvent) => new
    {
        after.OrderId,
        Seen = before.Version,
        PaymentStatus = Names.Of(after.PaymentStatus),
        FromStatus = Names.Of(before.PaymentStatus),
        after.Version,
        after.UpdatedAt,
        after.ExpiresAt,
        attempt.AttemptId,
        attempt.Number,
        attempt.Provider,
        AttemptState = Names.Of(attempt.State),
        attempt.Reference,
        attempt.AskAt,
        TotalMinor = attempt.Amount.Minor,
        attempt.Amount.Currency,
        orderEvent.EventId,
        Source = Names.Of(orderEvent.Source),
    };

    public static object CloseCallback(Guid callbackId, string result, MoneyInboxEntry? entry) => new
    {
        CallbackId = callbackId,
        Result = result,
        entry?.EntryId,
        entry?.Provider,
        entry?.TransactionId,
        AmountMinor = entry?.Amount?.Minor,
        entry?.Amount?.Currency,
        entry?.Problem,
        entry?.ReceivedAt,
    };
}
