using LongPoll.Sandbox.PayHero;
using LongPoll.Server.Payments;
using LongPoll.Tests.Http;
using LongPoll.Tests.Support;

namespace LongPoll.Tests.Contracts;

/// <summary>Two nodes over one database, one clock and one pretend PayHero.</summary>
internal sealed class TwoPaymentNodes : IAsyncDisposable
{
    private TwoPaymentNodes(StoreFixture stores, FakePayHero payHero)
    {
        PayHero = payHero;
        First = new PaymentNode(stores, payHero, Clock);
        Second = new PaymentNode(stores, payHero, Clock);
    }

    public TestTimeProvider Clock { get; } = new();

    public FakePayHero PayHero { get; }

    public PaymentNode First { get; }

    public PaymentNode Second { get; }

    public DateTime Now => Clock.GetUtcTimestamp();

    /// <summary>The alarms of both nodes, by event id.</summary>
    public IReadOnlyList<AlarmLine> AlarmLines => [.. First.Alarms.Lines, .. Second.Alarms.Lines];

    public IReadOnlyList<string> AlarmsCounted => [.. First.Alarms.Counted, .. Second.Alarms.Counted];

    /// <summary>Starts them, and lets go of what earlier tests left to be asked about in the same database.</summary>
    public static async Task<TwoPaymentNodes> StartAsync(StoreFixture stores)
    {
        await stores.ExecuteAsync("update payment_attempts set ask_at = null");
        await stores.ExecuteAsync("update callbacks set result = 'ignored' where result = 'unmatched'");
        await stores.ExecuteAsync("delete from outbox");
        return new TwoPaymentNodes(stores, await FakePayHero.StartAsync());
    }

    public PayHeroPush Push(Order order) => PayHero.PushesTo(order.Customer.Phone)[^1];

    public int Asked(Order order) => PayHero.Asked(Push(order));

    /// <summary>The reconcile jobs of both nodes, at once; how many attempts they took.</summary>
    public async Task<int> ReconcileAsync()
    {
        var took = await Task.WhenAll(Task.Run(First.ReconcileAsync), Task.Run(Second.ReconcileAsync));
        return took.Sum();
    }

    /// <summary>The matching jobs of both nodes, at once.</summary>
    public Task MatchAsync() => Task.WhenAll(Task.Run(First.MatchAsync), Task.Run(Second.MatchAsync));

    /// <summary>Time passes in steps, of ten seconds unless told otherwise, and after each the reconcile jobs run.</summary>
    public async Task PassAsync(TimeSpan time, TimeSpan? step = null)
    {
        for (var left = time; left > TimeSpan.Zero;)
        {
            var now = TimeSpan.FromTicks(Math.Min(left.Ticks, (step ?? TimeSpan.FromSeconds(10)).Ticks));
            Clock.Advance(now);
            left -= now;
            await ReconcileAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        await PayHero.DisposeAsync();
    }
}
