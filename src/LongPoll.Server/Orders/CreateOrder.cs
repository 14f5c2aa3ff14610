using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Orders;

/// <summary>Stores order and first attempt in one commit, then asks the provider to charge.</summary>
internal sealed partial class CreateOrder(
    IOrderStore store, PaymentProviders providers, ChargeBuyer charge, Announcements announcements, TimeProvider clock, ILogger<CreateOrder> logger)
{
    /// <summary>A phone that gets more prompts than this is being pestered, or somebody is guessing.</summary>
    public static readonly PromptLimit PromptLimit = new(Prompts: 5, TimeSpan.FromMinutes(10));

    private const int MostDraws = 5;

    public async Task<(OpenOutcome Outcome, Order? Order)> HandleAsync(
        OrderDraft draft, string itemsJson, string? eventJson, IdempotencyKey? key, CancellationToken cancel, LinkPlace? link = null)
    {
        // :: Step 1: everything is stored before anybody is asked for money
        var (outcome, stored, attempt) = (OpenOutcome.Clash, (Order?)null, (Attempt?)null);
        for (var draw = 0; draw < MostDraws && outcome == OpenOutcome.Clash; draw++)
        {
            var drawn = Draw(draft, itemsJson, eventJson, key, link);
            (outcome, stored) = await store.OpenOrderAsync(drawn, PromptLimit, cancel);
            attempt = drawn.Attempt;
        }

        if (outcome == OpenOutcome.Clash)
        {
            throw new TimeoutException($"No order could be drawn in {MostDraws} tries.");
        }

        if (outcome != OpenOutcome.Opened)
        {
            return (outcome, stored);
        }

        var order = stored!;
        LogCreated(logger, order.OrderId, order.OrderNumber, order.Provider);
        announcements.Post(order);

        // :: Step 2: the prompt
        return (outcome, await charge.HandleAsync(order, attempt!));
    }

    private NewOrder Draw(OrderDraft draft, string itemsJson, string? eventJson, IdempotencyKey? key, LinkPlace? link)
    {
        var now = clock.GetUtcTimestamp();
        var orderId = Guid.CreateVersion7();
        var attemptId = Guid.CreateVersion7();

        // Eight signs, so that the reference of an attempt stays within the twelve that M-PESA shows on the phone.
        var number = Codes.Random(8);
        var order = new Order
        {
            OrderId = orderId,
            OrderNumber = number,
            PaymentStatus = PaymentStatus.Pending,
            Total = draft.Total,
            Provider = draft.Provider,
            Version = 1,
            CurrentAttemptId = attemptId,
            Customer = draft.Customer,
            CreatedAt = now,
            UpdatedAt = now,
            ExpiresAt = Clock.Earlier(now + draft.Lifetime, link?.ExpiresAt ?? DateTime.MaxValue),
            LinkId = link?.LinkId,
        };
        var created = new OrderEvent(
            Guid.CreateVersion7(), orderId, attemptId, order.Version, From: null, order.PaymentStatus, AttemptState.Created, ReportSource.Buyer, Code: null, now);
        return new NewOrder(order, Attempts.Draw(order, attemptId, attemptNumber: 1, providers.Get(order.Provider).AskRules, now), created, eventJson, itemsJson, key, link);
    }

    [LoggerMessage(500, LogLevel.Information, "Order created: {OrderId} ({OrderNumber}, {Provider})")]
    private static partial void LogCreated(ILogger logger, Guid orderId, string orderNumber, string provider);
}

/// <summary>How an attempt is named.</summary>
internal static class Attempts
{
    public static Attempt Draw(Order order, Guid attemptId, int attemptNumber, AskRules rules, DateTime now) => new()
    {
        AttemptId = attemptId,
        OrderId = order.OrderId,
        Number = attemptNumber,
        Provider = order.Provider,
        State = AttemptState.Created,
        Reference = $"{order.OrderNumber}-P{attemptNumber}",
        Amount = order.Total,
        CreatedAt = now,
        AskAt = now + rules.First,
    };
}
