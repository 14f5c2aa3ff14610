using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>What a wait costs the database. A node of its own, whose reads of one order PostgreSQL itself counts.</summary>
public sealed class DatabaseReadTests(PostgresWorld world) : IClassFixture<PostgresWorld>
{
    [Fact]
    [Trait("Acceptance", "4")]
    [Trait("Acceptance", "41")]
    [Trait("Acceptance", "20")]
    public async Task Wait_HundredPagesWokenByAMessage_ReadOncePerPageAndNotOnTheWake()
    {
        // Two nodes: the one whose reads are counted only waits; the callback comes to the other.
        await using var proxy = await QueryCountingProxy.StartAsync(world.Postgres);
        await using var waits = await world.StartAsync(("ConnectionStrings:Postgres", proxy.ConnectionString));
        var order = await world.Shop.PlaceAsync();
        var before = proxy.CountOf(order.Id);
        var pages = Enumerable.Range(0, 100).Select(_ => waits.WaitAsync(order)).ToArray();
        await waits.ParkedAsync(100);

        // On a slow machine the sweep may look once or twice, for pages that have not read yet.
        var parked = proxy.CountOf(order.Id) - before;
        Assert.InRange(parked, 100, 103);

        await world.Shop.PaidAsync(order);

        // Nobody reads who is woken. A subscription that was late for a sweep is looked at once more by the next, a second later.
        Assert.All(await Task.WhenAll(pages), a => a.AssertView("completed", "notified"));
        var woken = proxy.CountOf(order.Id) - before;
        Assert.InRange(woken, parked, parked + 1);

        // The next one comes from the cache.
        (await waits.WaitAsync(order)).AssertView("completed", "cache");
        Assert.Equal(woken, proxy.CountOf(order.Id) - before);

        // The proxy counts: a plain read is seen.
        await waits.ReadAsync(order);
        Assert.Equal(woken + 1, proxy.CountOf(order.Id) - before);
    }
}
