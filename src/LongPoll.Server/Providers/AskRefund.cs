using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Providers;

/// <summary>Asks a provider about a refund whose news proves nothing by itself, and takes the answer through the door.</summary>
internal sealed class AskRefund(IOrderStore store, PaymentProviders providers, SettlePayment settle) : IOutboxHandler
{
    public string Kind => OutboxMessage.AskRefundKind;

    public async Task<HandlingResult> HandleAsync(OutboxMessage message, CancellationToken cancel)
    {
        // kind:attempt:refund
        var refundId = message.Key.Split(':', 3)[2];
        var attempts = await store.FindAttemptsAsync(message.OrderId, cancel);
        if (attempts.FirstOrDefault(a => a.AttemptId == message.SubjectId) is not { } attempt)
        {
            return HandlingResult.Completed;
        }

        if (await providers.Get(attempt.Provider).QueryRefundAsync(attempt, refundId, cancel) is not { } report)
        {
            return HandlingResult.TryLater("the provider does not confirm the refund");
        }

        await settle.HandleAsync(report, cancel);
        return HandlingResult.Completed;
    }
}
