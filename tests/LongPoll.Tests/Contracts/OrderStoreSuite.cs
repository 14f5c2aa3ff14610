using LongPoll.Server.Bus;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>
/// What every order store owes. The same questions go to each of them; a derived class only names the database.
/// The tests of a class share that database and run one after the other.
/// </summary>
public abstract partial class OrderStoreSuite(StoreFixture stores)
{
    private IOrderStore Store => stores.Orders;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<NewOrder> OpenAsync(NewOrder? draft = null)
    {
        draft ??= Drafts.Order();
        Assert.Equal(OpenOutcome.Opened, (await Store.OpenOrderAsync(draft, Drafts.Limit, Cancel)).Outcome);
        return draft;
    }

    private async Task<Settlement> DecideAsync(PaymentReport report, DateTime? at = null) =>
        Settlement.Decide(report, (await Store.FindFactsAsync([report], Cancel))[0], at ?? Drafts.Noon.AddMinutes(1));

    private async Task<Settlement> SettleAsync(PaymentReport report, DateTime? at = null)
    {
        var settlement = await DecideAsync(report, at);
        Assert.Equal([CommitOutcome.Committed], await Store.SettleAsync([settlement], Cancel));
        return settlement;
    }

    /// <summary>The one door over this store, with everything around it in process.</summary>
    private SettlePayment Door(IOrderStore? store = null, bool promised = false, PaymentsUnderWay? underWay = null)
    {
        store ??= Store;
        var clock = TimeProvider.System;
        var bus = new InProcessStatusBus(reliable: true, TimeSpan.FromMinutes(1), clock);
        var meters = new ServiceCollection().AddMetrics().AddSingleton<PaymentMetrics>().BuildServiceProvider();
        return new SettlePayment(
            store, new Announcements(bus, new HeardMessages(), store, clock, NullLogger<Announcements>.Instance), new OutboxSignals(), new FulfilmentRule(promised),
            underWay ?? new PaymentsUnderWay(), new DoorLoad(clock), meters.GetRequiredService<PaymentMetrics>(), clock, NullLogger<SettlePayment>.Instance);
    }

    private async Task<byte[]> ViewAsync(Guid orderId) => Bytes(Assert.IsType<Order>(await Store.FindOrderAsync(orderId, Cancel)));

    private static byte[] Bytes(Order order) => OrderSnapshot.Of(order).Json.ToArray();

    /// <summary>Starts all of them before it waits for any.</summary>
    private static Task<T[]> AtOnceAsync<T>(int count, Func<int, Task<T>> work) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(n => Task.Run(() => work(n), Cancel)).ToArray());
}
