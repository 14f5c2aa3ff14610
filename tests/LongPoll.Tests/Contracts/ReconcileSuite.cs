using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>
/// What two nodes owe that share a database, when PayHero's callbacks do not come: who asks about which attempt and when,
/// and what an answer may change.
/// </summary>
public abstract partial class ReconcileSuite(StoreFixture stores)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    [Trait("Acceptance", "54")]
    [Trait("Acceptance", "79")]
    public async Task Reconcile_BothNodesAtOnce_EachAttemptIsAskedAboutOncePerDueTime()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var orders = await PlaceAsync(nodes, 40);
        orders.ForEach(o => nodes.PayHero.Tell(nodes.Push(o), "QUEUED"));

        nodes.Clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(0, await nodes.ReconcileAsync());
        nodes.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(orders.Count, await nodes.ReconcileAsync());
        Assert.Equal(0, await nodes.ReconcileAsync());
        Assert.All(orders, o => Assert.Equal(1, nodes.Asked(o)));

        nodes.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(orders.Count, await nodes.ReconcileAsync());
        Assert.All(orders, o => Assert.Equal(2, nodes.Asked(o)));
    }

    [Fact]
    [Trait("Acceptance", "54")]
    public async Task Reconcile_CallbackNeverComes_TheMoneyIsFoundAfterThirtySeconds()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        nodes.PayHero.Tell(nodes.Push(order), "SUCCESS", Drafts.Receipt());

        nodes.Clock.Advance(TimeSpan.FromSeconds(30));
        await nodes.ReconcileAsync();

        Assert.Equal(PaymentStatus.Completed, (await nodes.Second.ReadAsync(order)).PaymentStatus);
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 order_events=3", await stores.CountAsync(order.OrderId));
    }

    [Fact]
    public async Task Reconcile_ProviderHangsOverOneAttempt_TheNextIsAskedAboutInTime()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var stuck = (await PlaceAsync(nodes, 1))[0];
        nodes.Clock.Advance(2 * Second);
        var next = (await PlaceAsync(nodes, 1))[0];
        var never = new TaskCompletionSource();
        nodes.PayHero.Tell(nodes.Push(stuck), "QUEUED", after: never.Task);
        nodes.PayHero.Tell(nodes.Push(next), "SUCCESS", Drafts.Receipt());
        nodes.Clock.Advance(27 * Second);
        await nodes.First.StartReconcileAsync();

        // Each tick is heard before the next: a timer that is behind would pass over some.
        await Eventually.IsAsync(() => Tick(() => nodes.Asked(stuck) == 1));
        await Eventually.IsAsync(() => Tick(() => nodes.Asked(next) == 1));
        await Eventually.IsAsync(async () => (await nodes.First.ReadAsync(next)).PaymentStatus == PaymentStatus.Completed);

        Assert.InRange((nodes.Now - stuck.CreatedAt).TotalSeconds, 30, 38);
        Assert.False(never.Task.IsCompleted);
        never.SetResult();

        async Task<bool> Tick(Func<bool> done)
        {
            nodes.Clock.Advance(Second / 10);
            await Task.Delay(TimeSpan.FromMilliseconds(30), TimeProvider.System);
            return done();
        }
    }

    [Fact]
    public async Task Reconcile_SilentProvider_IsAskedAtGrowingPausesAndAtTheHorizon()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        nodes.PayHero.Tell(nodes.Push(order), "QUEUED");
        var (began, asked, times) = (nodes.Now, 0, new List<int>());

        while (nodes.Now < began.AddSeconds(700))
        {
            await nodes.PassAsync(TimeSpan.FromSeconds(10));
            if (nodes.Asked(order) > asked)
            {
                Assert.Equal(asked + 1, nodes.Asked(order));
                asked++;
                times.Add((int)(nodes.Now - began).TotalSeconds);
            }
        }

        Assert.Equal([30, 60, 120, 240, 480, 600], times);
        Assert.Equal(AttemptState.Expired, (await nodes.First.AttemptAsync(order)).State);
    }

    [Fact]
    public async Task Reconcile_NodeDiesWithAttemptsInHand_TheOtherTakesThemWhenTheLeaseIsOver()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        nodes.PayHero.Tell(nodes.Push(order), "SUCCESS", Drafts.Receipt());
        nodes.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Single(await nodes.First.ClaimSilentAsync(nodes.Now));

        nodes.Clock.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal(0, await nodes.Second.ReconcileAsync());
        nodes.Clock.Advance(Second);
        Assert.Equal(1, await nodes.Second.ReconcileAsync());

        Assert.Equal(PaymentStatus.Completed, (await nodes.Second.ReadAsync(order)).PaymentStatus);
    }

    [Fact]
    public async Task Reconcile_WhileAnotherNodeIsAsking_ThereIsOneQuestionAtATime()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        nodes.PayHero.Tell(nodes.Push(order), "SUCCESS", Drafts.Receipt(), gate.Task);
        nodes.Clock.Advance(TimeSpan.FromSeconds(30));
        var asking = nodes.First.VerifyAsync(order.OrderId);
        await Eventually.IsAsync(() => nodes.Asked(order) == 1);

        // The job of the other node lets it go; a page there waits for its turn.
        var pause = TimeSpan.FromMilliseconds(50);
        Assert.Equal(0, await nodes.Second.ReconcileAsync());
        var waiting = nodes.Second.VerifyAsync(order.OrderId);
        await Eventually.IsAsync(() => nodes.Clock.NextDue <= pause, "the page waits for its turn");
        nodes.Clock.Advance(Second);
        Assert.Equal(1, nodes.Asked(order));

        gate.SetResult();
        Assert.Equal(PaymentStatus.Completed, (await asking.SoonAsync())?.PaymentStatus);
        await Eventually.IsAsync(() =>
        {
            // Only the pauses of its waiting pass; a question under way has a limit of seconds on the same clock.
            nodes.Clock.Advance(nodes.Clock.NextDue <= pause ? pause : TimeSpan.Zero);
            return waiting.IsCompleted;
        });
        Assert.Equal(PaymentStatus.Completed, (await waiting)?.PaymentStatus);
        Assert.Equal(2, nodes.Asked(order));
        Assert.Equal(1, await stores.CountAsync("select count(*) from payments where order_id = @OrderId", new { order.OrderId }));
    }

    [Fact]
    public async Task Verify_NodeDiedWhileAsking_IsAskedAgainWhenTheLeaseIsOver()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = (await PlaceAsync(nodes, 1))[0];
        nodes.PayHero.Tell(nodes.Push(order), "SUCCESS", Drafts.Receipt());
        nodes.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.True(await nodes.First.LeaseAsync(await nodes.First.AttemptAsync(order), nodes.Now));

        await nodes.ReconcileAsync();
        Assert.Equal(0, nodes.Asked(order));
        nodes.Clock.Advance(TimeSpan.FromSeconds(61));
        await nodes.Second.VerifyAsync(order.OrderId).SoonAsync();

        Assert.Equal(PaymentStatus.Completed, (await nodes.First.ReadAsync(order)).PaymentStatus);
    }

    private static async Task<List<Order>> PlaceAsync(TwoPaymentNodes nodes, int count, TimeSpan? lifetime = null)
    {
        var orders = new List<Order>();
        for (var i = 0; i < count; i++)
        {
            var draft = Drafts.Order(at: nodes.Now);
            draft = draft with { Order = draft.Order with { ExpiresAt = nodes.Now + (lifetime ?? TimeSpan.FromMinutes(15)) } };
            orders.Add(await (i % 2 == 0 ? nodes.First : nodes.Second).PlaceAsync(draft));
            Assert.Equal(PaymentStatus.Processing, orders[^1].PaymentStatus);
        }

        return orders;
    }
}
