using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>How many may wait, and that nobody holds a place who is gone.</summary>
public abstract class WaitLimitTests(ServerWorld world)
{
    [Fact]
    public async Task Wait_OverTheLimitOfAnOrder_Is429AndAPlaceComesFreeAtOnce()
    {
        await using var shop = await world.StartAsync(("LongPoll:MaxWaitersPerOrder", "2"));
        var order = await shop.PlaceAsync();
        using var leaving = new CancellationTokenSource();
        var first = shop.Node.Client.GetAsync($"/orders/{order.Id}/wait", leaving.Token);
        var second = shop.WaitAsync(order);
        await shop.ParkedAsync(2);

        (await shop.WaitAsync(order)).AssertProblem(429).AssertRetryAfter();
        (await shop.GetAsync($"/orders/{order.Id}/events")).AssertProblem(429).AssertRetryAfter();
        Assert.Equal(200, (await shop.WaitAsync(await shop.PlaceAsync(), "timeout=1")).Status);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await shop.ParkedAsync(1);
        var third = shop.WaitAsync(order);
        await shop.ParkedAsync(2);
        await shop.PaidAsync(order);
        (await second).AssertView("completed", "notified");
        (await third).AssertView("completed", "notified");
        await shop.ParkedAsync(0);
    }

    [Fact]
    [Trait("Acceptance", "14")]
    public async Task Wait_OverTheLimitOfTheNode_Is503AndAPlaceComesFreeAtOnce()
    {
        await using var shop = await world.StartAsync(("LongPoll:MaxWaiters", "3"));
        var orders = new List<Placed>();
        for (var i = 0; i < 4; i++)
        {
            orders.Add(await shop.PlaceAsync());
        }

        using var leaving = new CancellationTokenSource();
        var left = shop.Node.Client.GetAsync($"/orders/{orders[0].Id}/wait", leaving.Token);
        var waiting = orders[1..3].Select(o => shop.WaitAsync(o)).ToArray();
        await shop.ParkedAsync(3);

        (await shop.WaitAsync(orders[3])).AssertProblem(503).AssertRetryAfter();
        (await shop.GetAsync($"/orders/{orders[3].Id}/events")).AssertProblem(503).AssertRetryAfter();

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await shop.ParkedAsync(2);
        var next = shop.WaitAsync(orders[3]);
        await shop.ParkedAsync(3);
        foreach (var order in orders)
        {
            await shop.PaidAsync(order);
        }

        (await next).AssertView("completed", "notified");
        await Task.WhenAll(waiting);
        await shop.ParkedAsync(0);
    }

    [Fact]
    public async Task Wait_FullNode_StillAnswersFromTheCache()
    {
        await using var shop = await world.StartAsync(("LongPoll:MaxWaiters", "1"));
        var paid = await shop.PlaceAsync();
        await shop.PaidAsync(paid);
        await Until.ValueAsync(() => shop.WaitAsync(paid), a => a.Ending == "cache");
        var waiting = shop.WaitAsync(await shop.PlaceAsync(), "timeout=3");
        await shop.ParkedAsync(1);

        (await shop.WaitAsync(paid)).AssertView("completed", "cache");
        await waiting;
    }

    [Fact]
    public async Task Events_ClientLeaves_FreesItsPlaceAtOnce()
    {
        var order = await world.Shop.PlaceAsync();
        await using (var events = await EventReader.OpenAsync(world.Shop, $"/orders/{order.Id}/events"))
        {
            await events.NextAsync();
            await Until.ValueAsync(async () => (await world.Shop.GetAsync("/health/ready")).Json.GetProperty("parked").GetInt32(), parked => parked > 0);
        }

        await world.Shop.ParkedAsync(0);
    }
}
