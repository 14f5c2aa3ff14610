using System.Data.Common;
using System.Text.Json;
using LongPoll.Server.Orders;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Links;

/// <summary>Starts the order of a payment link: an order like any other, which takes the link's one place in the commit that stores it.</summary>
internal sealed partial class PayLink(OrderRules rules, CreateOrder create, LinkOrders orders, ILogger<PayLink> logger)
{
    /// <summary>The order that this payer would make, or what is wrong, by field.</summary>
    public (OrderDraft? Draft, Dictionary<string, string[]> Errors) Check(PaymentLink link, PayLinkRequest payer)
    {
        var (draft, errors) = rules.Check(new CreateOrderRequest
        {
            Customer = new CustomerRequest(payer.Email, payer.FirstName, LastName: null, Country: null, payer.Phone),
            Items = [CreateLink.ItemOf(link.Description, link.Amount.Major)],
            Currency = link.Amount.Currency,
            Provider = link.Provider,
        });
        return (draft, errors.ToDictionary(static e => e.Key.Replace("customer.", "", StringComparison.Ordinal), static e => e.Value, StringComparer.Ordinal));
    }

    /// <summary>
    /// The order, or why there is none: <see cref="OpenOutcome.LinkTaken"/> when the link is not open or has an order that can be
    /// paid. The store decides that, for whoever comes at the same time; a known key gets its order whatever became of the link.
    /// </summary>
    public async Task<(OpenOutcome Outcome, Order? Order)> HandleAsync(PaymentLink link, OrderDraft draft, IdempotencyKey? key, CancellationToken cancel)
    {
        var (outcome, order) = await create.HandleAsync(
            draft,
            JsonSerializer.Serialize(draft.Items, OrdersJson.Default.IReadOnlyListItemRequest),
            eventJson: null,

            // Anybody may pay a link: what somebody else chose for another link, or a shop for an order, is another key.
            key is null ? null : key with { Key = $"link:{link.LinkId:D}:{key.Key}" },
            cancel,
            new LinkPlace(link.LinkId, link.ExpiresAt));
        if (outcome == OpenOutcome.Opened)
        {
            // An order that this one replaces cannot be tried again any more. Its own try says so besides, so a store that is away
            // in this moment does not make a started payment a failure.
            try
            {
                await orders.CloseAsync(link.LinkId, CancellationToken.None);
            }
            catch (Exception e) when (e is DbException or TimeoutException)
            {
                LogLater(logger, link.LinkId, e.GetType().Name);
            }
        }

        return (outcome, order);
    }

    [LoggerMessage(1304, LogLevel.Warning, "The orders that a new one of payment link {LinkId} replaces could not be told: {Error}")]
    private static partial void LogLater(ILogger logger, Guid linkId, string error);
}
