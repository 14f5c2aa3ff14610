using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage;

/// <summary>What both databases write when a callback is given up.</summary>
internal static class ClosedCallback
{
    public static object Parameters(Guid callbackId, string result, MoneyInboxEntry? entry) => new
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
