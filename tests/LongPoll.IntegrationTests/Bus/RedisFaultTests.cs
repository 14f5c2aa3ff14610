using LongPoll.Tests.Contracts;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.IntegrationTests.Bus;

/// <summary>These tests look at the time something takes, so nothing else runs beside them.</summary>
[CollectionDefinition(nameof(RedisFaults), DisableParallelization = true)]
public sealed class RedisFaults;

/// <summary>What the bus owes when its Redis does not behave. Each test has a Redis of its own.</summary>
[Collection(nameof(RedisFaults))]
public sealed class RedisFaultTests
{
    // While the circuit is open nobody waits for the limit of a call, which is one second.
    private const double AtOnce = 0.5;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ScriptsFlushed_NextAnnouncement_IsDelivered()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var node = await RedisNode.StartAsync(redis.Connection);
        var view = StatusBusSuite.View();
        await node.Bus.SubscribeAsync(view.OrderId, Cancel);
        await node.Bus.AnnounceAsync(view, Cancel);
        using var wire = await RedisWire.ConnectAsync(redis.Connection);
        Assert.Equal("+OK", await wire.AskAsync("SCRIPT", "FLUSH"));

        await node.Bus.AnnounceAsync(StatusBusSuite.View(view.OrderId, 2), Cancel);

        await HeardAsync(node, view.OrderId, 2);
    }

    [Fact]
    public async Task Restarted_Empty_RestoresEverySubscriptionBeforeItIsReliable()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var node = await RedisNode.StartAsync(redis.Connection);
        await using var other = await RedisNode.StartAsync(redis.Connection);
        var orders = Enumerable.Range(0, 5000).Select(_ => Guid.CreateVersion7()).ToArray();
        await Task.WhenAll(orders.Select(o => node.Bus.SubscribeAsync(o, Cancel)));
        await node.Bus.AnnounceAsync(StatusBusSuite.View(orders[0]), Cancel);
        var missedBefore = node.Heard.MayHaveMissedCalls;

        await redis.KillAsync();
        await Eventually.IsAsync(() => !node.Bus.Reliable && !other.Bus.Reliable, "the loss is noticed", seconds: 1);
        await redis.StartAsync();
        await Eventually.IsAsync(() => node.Bus.Reliable, "reliable again");

        Assert.True(node.Heard.MayHaveMissedCalls > missedBefore);
        using var wire = await RedisWire.ConnectAsync(redis.Connection);
        foreach (var order in orders.Reverse())
        {
            Assert.Equal(":1", await wire.AskAsync("PUBLISH", $"order:status:{order}", "look"));
        }

        await Eventually.IsAsync(() => other.Bus.Reliable, "the other node is reliable again");
        await node.Bus.AnnounceAsync(StatusBusSuite.View(orders[0], 2), Cancel);
        await other.Bus.AnnounceAsync(StatusBusSuite.View(orders[1], 2), Cancel);
        await HeardAsync(node, orders[0], 2);
        await HeardAsync(node, orders[1], 2);
    }

    [Fact]
    public async Task SubscriptionConnectionCut_AloneAndForAMoment_HasWaitersLook()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var node = await RedisNode.StartAsync(redis.Connection);
        var view = StatusBusSuite.View();
        await node.Bus.SubscribeAsync(view.OrderId, Cancel);
        var missedBefore = node.Heard.MayHaveMissedCalls;
        using var wire = await RedisWire.ConnectAsync(redis.Connection);

        await wire.AskAsync("CLIENT", "KILL", "TYPE", "pubsub");

        await Eventually.IsAsync(() => node.Heard.MayHaveMissedCalls > missedBefore && node.Bus.Reliable, "heals");
        await node.Bus.AnnounceAsync(view, Cancel);
        await HeardAsync(node, view.OrderId, 1);
    }

    [Fact]
    public async Task Killed_Bus_SaysSo()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var node = await RedisNode.StartAsync(redis.Connection);
        var view = StatusBusSuite.View();
        await node.Bus.AnnounceAsync(view, Cancel);

        await redis.KillAsync();

        await Eventually.IsAsync(() => !node.Bus.Reliable, "the loss is noticed", seconds: 1);
        await QuicklyAsync(0.1, async () => Assert.Null(await node.Bus.FindLatestAsync(view.OrderId, Cancel)));
        await QuicklyAsync(AtOnce, () => ThrowsAsync(() => node.Bus.AnnounceAsync(StatusBusSuite.View(view.OrderId, 2), Cancel)));
        await QuicklyAsync(AtOnce, () => ThrowsAsync(() => node.Bus.SubscribeAsync(Guid.CreateVersion7(), Cancel)));
        await QuicklyAsync(2.5, () => ThrowsAsync(() => node.Bus.PingAsync(Cancel)));
    }

    [Fact]
    public async Task Stalled_Bus_HangsNobodyAndHealsByItself()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var node = await RedisNode.StartAsync(redis.Connection);
        var view = StatusBusSuite.View();
        var other = Guid.CreateVersion7();
        await node.Bus.SubscribeAsync(view.OrderId, Cancel);
        await node.Bus.SubscribeAsync(other, Cancel);
        var missedBefore = node.Heard.MayHaveMissedCalls;

        await redis.StallAsync();

        await QuicklyAsync(0.5, async () => Assert.Null(await node.Bus.FindLatestAsync(view.OrderId, Cancel)));
        await Eventually.IsAsync(() => !node.Bus.Reliable, "the stall is noticed", seconds: 1);
        await QuicklyAsync(0.1, async () => Assert.Null(await node.Bus.FindLatestAsync(view.OrderId, Cancel)));
        await Task.WhenAll(
            QuicklyAsync(AtOnce, () => ThrowsAsync(() => node.Bus.AnnounceAsync(view, Cancel))),
            QuicklyAsync(AtOnce, () => ThrowsAsync(() => node.Bus.SubscribeAsync(Guid.CreateVersion7(), Cancel))),
            QuicklyAsync(1.5, () => Record.ExceptionAsync(() => node.Bus.UnsubscribeAsync(other, Cancel)).AsTask()),
            QuicklyAsync(1.5, () => ThrowsAsync(() => node.Bus.PingAsync(Cancel))));

        await redis.ResumeAsync();
        await Eventually.IsAsync(() => node.Bus.Reliable && node.Heard.MayHaveMissedCalls > missedBefore, "heals", seconds: 15);
        await node.Bus.AnnounceAsync(StatusBusSuite.View(view.OrderId, 2), Cancel);
        await Eventually.IsAsync(() => node.Heard.VersionsOf(view.OrderId).Contains(2), "delivered again");
    }

    [Fact]
    public async Task StartedWithoutRedis_Bus_GetsGoingWhenRedisComes()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await redis.KillAsync();
        await using var node = await RedisNode.StartAnywayAsync(redis.Connection);
        Assert.False(node.Bus.Reliable);
        await ThrowsAsync(() => node.Bus.PingAsync(Cancel));

        await redis.StartAsync();

        await Eventually.IsAsync(() => node.Bus.Reliable, "gets going", seconds: 20);
        var view = StatusBusSuite.View();
        await node.Bus.SubscribeAsync(view.OrderId, Cancel);
        await node.Bus.AnnounceAsync(view, Cancel);
        await HeardAsync(node, view.OrderId, 1);
    }

    private static Task HeardAsync(RedisNode node, Guid orderId, long version) =>
        Eventually.IsAsync(() => node.Heard.VersionsOf(orderId).Contains(version), $"version {version}");

    private static async Task ThrowsAsync(Func<Task> call) => Assert.NotNull(await Record.ExceptionAsync(call));

    private static async Task QuicklyAsync(double seconds, Func<Task> call)
    {
        var began = TimeProvider.System.GetTimestamp();
        await call().WaitAsync(TimeSpan.FromSeconds(10), TimeProvider.System, Cancel);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        Assert.True(took <= seconds, FormattableString.Invariant($"Took {took:0.00} s of at most {seconds} s"));
    }
}
