using System.Diagnostics.Metrics;
using LongPoll.Sandbox.PayHero;
using LongPoll.Server.Bus;
using LongPoll.Server.Callbacks;
using LongPoll.Server.Jobs;
using LongPoll.Server.Orders;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;
using LongPoll.Tests.Http;
using LongPoll.Tests.Providers.PayHero;
using LongPoll.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>
/// One node without its web: the door, the questions to PayHero and the jobs, over a database that it may share with
/// others. Nothing runs by itself: a test calls what the timers of a node would call, on a clock of its own.
/// </summary>
internal sealed class PaymentNode : IAsyncDisposable
{
    /// <summary>The callback token as a merchant sets it in PayHero's dashboard.</summary>
    public const string PlainToken = PayHeroAccount.PlainToken;

    private readonly ServiceProvider _services;

    public PaymentNode(StoreFixture stores, FakePayHero payHero, TestTimeProvider clock)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(Alarms));
        services.AddMetrics();
        services.AddSingleton(new FulfilmentRule(Promised: false));
        services.AddSingleton<TimeProvider>(clock);
        services.AddSingleton<IStatusBus>(new InProcessStatusBus(reliable: true, TimeSpan.FromMinutes(1), clock));
        services.AddSingleton<IStatusListener>(new HeardMessages());
        stores.AddNode(services);
        PayHeroAccount.AddTo(services, payHero.Url);
        foreach (var part in (Type[])
            [
                typeof(PaymentMetrics), typeof(SettlePayment), typeof(Announcements), typeof(OutboxSignals), typeof(DoorLoad), typeof(PaymentsUnderWay), typeof(PaymentProviders), typeof(AskProvider),
                typeof(Reconcile), typeof(MatchCallbacks), typeof(ReceiveCallback), typeof(ChargeBuyer), typeof(VerifyPayment),
            ])
        {
            services.AddSingleton(part);
        }

        _services = services.BuildServiceProvider();
        Alarms.ListenTo(_services.GetRequiredService<IMeterFactory>());
    }

    public Alarms Alarms { get; } = new();

    public IOrderStore Orders => Get<IOrderStore>();

    /// <summary>What the timer of the reconcile job does: asks about all that is due.</summary>
    public async Task<int> ReconcileAsync()
    {
        var asked = 0;
        for (int some; (some = await Get<Reconcile>().RunAsync(Cancel).SoonAsync()) > 0;)
        {
            asked += some;
        }

        return asked;
    }

    /// <summary>Lets the reconcile job run by its own timer, until the node is disposed of.</summary>
    public Task StartReconcileAsync() => Get<Reconcile>().StartAsync(Cancel);

    /// <summary>What the timer of the matching job does.</summary>
    public Task MatchAsync() => Get<MatchCallbacks>().SweepAsync(Cancel).SoonAsync();

    /// <summary>What a verification by a page does.</summary>
    public Task<Order?> VerifyAsync(Guid orderId) => Get<VerifyPayment>().HandleAsync(orderId, Cancel);

    /// <summary>What the outbox worker does with a promised question.</summary>
    public Task<HandlingResult> AskAsync(OutboxMessage message) => Get<AskProvider>().HandleAsync(message, Cancel).SoonAsync();

    /// <summary>Takes the promises that are due.</summary>
    public Task<IReadOnlyList<OutboxMessage>> ClaimAsync(DateTime now) => Get<IOutboxStore>().ClaimAsync(OutboxMessage.AskProviderKind, now, now.AddMinutes(1), 100, Cancel);

    /// <summary>Takes attempts to ask about, and then does nothing: what a node does that dies.</summary>
    public Task<IReadOnlyList<SilentAttempt>> ClaimSilentAsync(DateTime now, int limit = 100) =>
        Get<IReconcileStore>().ClaimSilentAttemptsAsync(now, now.AddMinutes(1), AskRules.ConfirmAfter, limit, Cancel);

    /// <summary>Takes the right to ask about an attempt, and then does nothing.</summary>
    public Task<bool> LeaseAsync(Attempt attempt, DateTime now) => Get<IReconcileStore>().TryLeaseAskAsync(attempt.AttemptId, now, now.AddMinutes(1), Cancel);

    /// <summary>An order whose prompt went out to the pretend PayHero.</summary>
    public async Task<Order> PlaceAsync(NewOrder draft)
    {
        Assert.Equal(OpenOutcome.Opened, (await Orders.OpenOrderAsync(draft, Drafts.Limit, Cancel)).Outcome);
        return await Get<ChargeBuyer>().HandleAsync(draft.Order, draft.Attempt).SoonAsync();
    }

    public async Task<Order> ReadAsync(Order order) => Assert.IsType<Order>(await Orders.FindOrderAsync(order.OrderId, Cancel));

    public async Task<Attempt> AttemptAsync(Order order) => (await Orders.FindAttemptsAsync(order.OrderId, Cancel))[^1];

    /// <summary>A callback to the address that came with the push; the word that it is answered with.</summary>
    public Task<string> CallbackAsync(PayHeroPush push, byte[] body) => CallbackAsync(push.CallbackUrl!.Segments[^1], body);

    public async Task<string> CallbackAsync(string token, byte[] body)
    {
        var (verdict, answer) = await Get<ReceiveCallback>().HandleAsync("payhero", new CallbackRequest(token, new HeaderDictionary(), body), Cancel);
        Assert.Equal(CallbackVerdict.Understood, verdict);
        return answer!.Result;
    }

    public async ValueTask DisposeAsync()
    {
        await Get<Reconcile>().StopAsync(CancellationToken.None);
        await _services.DisposeAsync();
        Alarms.Dispose();
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();
}
