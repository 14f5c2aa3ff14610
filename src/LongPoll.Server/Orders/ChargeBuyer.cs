using System.Data.Common;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Orders;

/// <summary>Asks the provider to charge an attempt that is already stored, and takes what it says through the door.</summary>
internal sealed partial class ChargeBuyer(PaymentProviders providers, SettlePayment settle, TimeProvider clock, ILogger<ChargeBuyer> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private const int MostTries = 8;

    /// <summary>
    /// The order as it stands after the provider's answer, or after its silence. A store that is away by then does not undo what was
    /// done: the order stands, the prompt may be out, and what the provider said is noted as soon as that can be.
    /// </summary>
    public async Task<Order> HandleAsync(Order order, Attempt attempt)
    {
        var charge = new Charge(attempt, order.OrderNumber, order.Customer.Phone, $"{order.Customer.FirstName} {order.Customer.LastName}".Trim());

        // The buyer's browser may leave meanwhile; what the provider answers must be noted all the same.
        var report = await providers.Get(order.Provider).StartAsync(charge, CancellationToken.None);
        try
        {
            return (await settle.HandleAsync(report, CancellationToken.None)).Current ?? order;
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            LogNotNoted(logger, order.OrderId, attempt.Number, e.GetType().Name);
            _ = NoteLaterAsync(report, order, attempt);
            return order;
        }
    }

    // With the provider's reference it can be asked about the attempt. Should this node end before the store is back, the
    // attempt is one whose answer was lost.
    private async Task NoteLaterAsync(PaymentReport report, Order order, Attempt attempt)
    {
        for (var (tries, pause) = (1, FirstPause); tries <= MostTries; (tries, pause) = (tries + 1, pause * 2))
        {
            await Task.Delay(pause, clock);
            try
            {
                await settle.HandleAsync(report, CancellationToken.None);
                return;
            }
            catch (Exception e) when (e is DbException or TimeoutException)
            {
                LogNotNoted(logger, order.OrderId, attempt.Number, e.GetType().Name);
            }
        }
    }

    [LoggerMessage(505, LogLevel.Warning, "The provider's answer to the push for order {OrderId}, attempt {Attempt}, could not be noted: {Error}")]
    private static partial void LogNotNoted(ILogger logger, Guid orderId, int attempt, string error);
}
