using System.Diagnostics;
using System.Net;
using LongPoll.IntegrationTests.Faults.Support;
using Xunit;

namespace LongPoll.IntegrationTests.Faults;

/// <summary>Redis is killed, paused, or cut off from one node of two, while 200 pages wait.</summary>
[Collection(FaultsCollection.Name)]
public sealed class RedisAwayTests
{
    private const int Orders = 100;
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(2);

    public enum Fault
    {
        Killed,
        Paused,
    }

    [Theory]
    [Trait("Acceptance", "18")]
    [InlineData(Fault.Killed)]
    [InlineData(Fault.Paused)]
    public async Task Wait_RedisAway_EveryPageIsAnsweredWithinTwoSeconds(Fault fault)
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var shop = await TwoNodes.StartAsync(redis);
        var orders = await Buyers.OrdersAsync(shop.First.Client, Orders);
        var waits = await shop.ParkOnBothAsync(orders);

        await (fault == Fault.Killed ? redis.KillAsync() : PauseAsync(redis));
        var taken = await shop.PayAllAsync(orders);
        Check(await Task.WhenAll(waits), taken);

        // Everything that could not be said is owed, and is said to whoever comes back, empty or not.
        await (fault == Fault.Killed ? redis.StartAgainAsync() : ResumeAsync(redis));
        foreach (var order in orders)
        {
            await shop.Books.AnnouncedAsync(order.OrderId);
            await shop.Books.PaidOnceAsync(order.OrderId);
        }

        await Soon.TrueAsync(
            async () => await redis.CountAsync(orders.Select(o => $"order:latest:{o.OrderId}")) == Orders, "Redis knows every order again", seconds: 5);
        await NotifiedAsync(shop);
    }

    [Fact]
    [Trait("Acceptance", "18")]
    public async Task Wait_OneNodeLostRedis_PagesOfBothNodesAreAnsweredWithinTwoSeconds()
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var wire = new WireProxy(redis.Address, () => new RedisWireReader());
        await using var shop = await TwoNodes.StartAsync(redis, firstRedis: wire);
        var orders = await Buyers.OrdersAsync(shop.First.Client, Orders);
        var waits = await shop.ParkOnBothAsync(orders);

        await wire.CutAsync();

        // Half of the callbacks come to the node that cannot tell the other, half to the one that cannot be heard.
        var taken = await shop.PayAllAsync(orders);
        Check(await Task.WhenAll(waits), taken);
        foreach (var order in orders)
        {
            await shop.Books.AnnouncedAsync(order.OrderId);
        }

        wire.Mend();
        await NotifiedAsync(shop);
    }

    [Fact]
    public async Task Wait_RedisAway_OneQueryPerNodeAndSecondForAllPages()
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var shop = await TwoNodes.StartAsync(redis);
        var orders = await Buyers.OrdersAsync(shop.First.Client, Orders);
        var waits = await shop.ParkOnBothAsync(orders);
        await Soon.ObserveAsync(2);
        shop.CountAnew();
        await Soon.ObserveAsync(3);
        Assert.Equal((0, 0), (shop.Sweeps(0), shop.Sweeps(1)));

        await redis.KillAsync();
        await Soon.TrueAsync(() => shop.Sweeps(0) > 0 && shop.Sweeps(1) > 0, "both nodes look at the database", seconds: 3);
        shop.CountAnew();
        var watch = Stopwatch.StartNew();
        await Soon.ObserveAsync(5);
        var seconds = watch.Elapsed.TotalSeconds;
        foreach (var node in (int[])[0, 1])
        {
            Assert.InRange(shop.Sweeps(node), seconds - 2, seconds + 1);
            Assert.Equal(0, shop.Reads(node));
        }

        // Back again: everybody is looked at once more, and then nobody.
        await redis.StartAgainAsync();
        await Soon.TrueAsync(async () => await shop.ReadyAsync(), "both nodes have Redis again");
        await Soon.ObserveAsync(2);
        shop.CountAnew();
        await Soon.ObserveAsync(3);
        Assert.Equal((0, 0), (shop.Sweeps(0), shop.Sweeps(1)));

        var taken = await shop.PayAllAsync(orders);
        Check(await Task.WhenAll(waits), taken);
    }

    // Payments go on while the first node loses Redis and gets it back. What is published between its last look at the
    // database and its new subscription is heard by nobody there, is owed by nobody, and is found by looking once more.
    [Fact]
    [Trait("Acceptance", "18")]
    public async Task Wait_RedisCameBackInAStream_EveryPageIsAnsweredWithinTwoSeconds()
    {
        await using var redis = await OwnRedis.StartAsync();
        await using var wire = new WireProxy(redis.Address, () => new RedisWireReader());
        await using var shop = await TwoNodes.StartAsync(redis, firstRedis: wire);
        var orders = await Buyers.OrdersAsync(shop.Second.Client, 2 * Orders);
        var waits = orders.Select(o => Buyers.WaitAsync(shop.First.Client, o.OrderId)).ToArray();
        await Buyers.ParkedAsync(waits.Length, shop.First.Client);

        var taken = new List<Taken>();
        foreach (var order in orders)
        {
            await (taken.Count switch
            {
                5 => wire.CutAsync(),
                25 => MendAsync(wire),
                _ => Task.CompletedTask,
            });
            taken.Add(await Till.PayAsync(shop.Till.PushFor(order.Number)!, () => shop.Second.Address));
            await Soon.ObserveAsync(0.02);
        }

        Check(await Task.WhenAll(waits), taken);
        Assert.True(await shop.ReadyAsync(), "Redis did not come back while payments came in");
    }

    // Both nodes hear again: the way over Redis is taken, not the sweep.
    private static async Task NotifiedAsync(TwoNodes shop)
    {
        await Soon.TrueAsync(shop.ReadyAsync, "both nodes have Redis");
        for (var tries = 1; ; tries++)
        {
            var order = (await Buyers.OrdersAsync(shop.First.Client, 1))[0];
            await shop.SettledAsync(order);
            var wait = Buyers.WaitAsync(shop.First.Client, order.OrderId);
            await Buyers.ParkedAsync(1, shop.First.Client);
            await Till.PayAsync(shop.Till.PushFor(order.Number)!, () => shop.Second.Address);

            // A request is counted as parked a moment before it reads: the payment may have come just then.
            var ending = (await wait).Ending;
            if (ending != "database" || tries == 5)
            {
                Assert.Equal("notified", ending);
                return;
            }
        }
    }

    private static void Check(WaitAnswer[] answers, IReadOnlyList<Taken> taken)
    {
        Assert.All(taken, t =>
        {
            Assert.Empty(t.Refusals);
            Assert.Equal("applied", t.Body.GetProperty("result").GetString());
            Assert.True(t.Took < TimeSpan.FromSeconds(1), $"a callback took {t.Took.TotalSeconds:0.00} s: it waited for Redis");
        });
        Assert.All(answers, a => Assert.Equal((HttpStatusCode.OK, "completed"), (a.Status, a.PaymentStatus)));
        for (var i = 0; i < answers.Length; i++)
        {
            var late = Stopwatch.GetElapsedTime(taken[i % taken.Count].At, answers[i].At);
            Assert.True(late < Promised, $"page {i} was answered {late.TotalSeconds:0.00} s after the commit");
        }
    }

    private static Task MendAsync(WireProxy wire)
    {
        wire.Mend();
        return Task.CompletedTask;
    }

    private static Task PauseAsync(OwnRedis redis)
    {
        redis.Pause();
        return Task.CompletedTask;
    }

    private static Task ResumeAsync(OwnRedis redis)
    {
        redis.Resume();
        return Task.CompletedTask;
    }
}
