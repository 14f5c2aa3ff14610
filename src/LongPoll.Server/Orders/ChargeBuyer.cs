using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Orders;

/// <summary>Asks the provider to charge an attempt that is already stored, and takes what it says through the door.</summary>
internal sealed class ChargeBuyer(PaymentProviders providers, SettlePayment settle)
{
    /// <summary>The order as it stands after the provider's answer, or after its silence.</summary>
    public async Task<Order> HandleAsync(Order order, Attempt attempt)
    {
        var charge = new Charge(attempt, order.OrderNumber, order.Customer.Phone, $"{order.Customer.FirstName} {order.Customer.LastName}".Trim());

        // The buyer's browser may leave meanwhile; what the provider answers must be noted all the same.
        var report = await providers.Get(order.Provider).StartAsync(charge, CancellationToken.None);
        var settlement = await settle.HandleAsync(report, CancellationToken.None);
        return settlement.Current ?? order;
    }
}
