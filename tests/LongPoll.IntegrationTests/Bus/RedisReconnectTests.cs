using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using LongPoll.IntegrationTests.Faults.Support;
using LongPoll.Server.Bus;
using LongPoll.Server.Hosting;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Contracts;
using LongPoll.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace LongPoll.IntegrationTests.Bus;

/// <summary>Who waits on a node, when its Redis is back: everybody is looked at once, because messages were missed, and then nobody.</summary>
[Collection(nameof(RedisFaults))]
public sealed class RedisReconnectTests
{
    private const int Orders = 50;

    // As the bus sets its client's ConnectTimeout.
    private static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(2);

    public enum Loss
    {
        SubscriptionCut,
        SubscriptionCutAndAnswersLate,
        EverythingCut,
        Restarted,
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // The probe was believed when it was heard once, and everybody was looked at a second time when it was heard again. And when
    // the answers to its commands came too late, the client gave up its subscriptions, and the node never heard Redis again.
    [Theory]
    [InlineData(Loss.SubscriptionCut)]
    [InlineData(Loss.SubscriptionCutAndAnswersLate)]
    [InlineData(Loss.EverythingCut)]
    [InlineData(Loss.Restarted)]
    public async Task Reconnected_EachLocalWaiterIsCheckedExactlyOnce(Loss loss)
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var wire = new WireProxy(IPEndPoint.Parse(redis.Connection), () => new RedisWireReader());
        await using var bus = BusThrough(wire);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var waiters = WaitersOn(bus, services);
        await bus.StartAsync(Cancel);
        await Eventually.IsAsync(() => bus.Reliable);
        var orders = await ParkAsync(waiters);
        waiters.TakeDoubtful();
        Assert.Empty(waiters.TakeDoubtful());

        var mend = await LoseAsync(redis, wire, loss);
        await Eventually.IsAsync(() => !bus.Reliable, "the loss is noticed");
        Assert.Equal(Orders, waiters.TakeDoubtful().Count);
        await mend();

        await Eventually.IsAsync(() => bus.Reliable, "Redis is back", seconds: 20);

        Assert.Equal(orders, waiters.TakeDoubtful().Select(d => d.OrderId).Order());
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(2))
        {
            Assert.Empty(waiters.TakeDoubtful());
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Cancel);
        }

        // They hear: the way over Redis is open again for each of them.
        using var other = await RedisWire.ConnectAsync(redis.Connection);
        foreach (var order in orders)
        {
            Assert.Equal(":1", await other.AskAsync("PUBLISH", $"order:status:{order}", "look"));
        }

        await bus.StopAsync(Cancel);
    }

    public enum Silenced
    {
        Connected,
        AtItsFirstSubscription,
    }

    // Nobody is told, so nothing breaks: the client waited for its answers until the system gave the connection up, for a quarter of an hour.
    [Theory]
    [InlineData(Silenced.Connected)]
    [InlineData(Silenced.AtItsFirstSubscription)]
    public async Task ForgottenOnTheWay_AnotherConnectionTakesItsPlace_AndEveryWaiterHears(Silenced when)
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var wire = new WireProxy(IPEndPoint.Parse(redis.Connection), () => new RedisWireReader());
        await using var bus = BusThrough(wire);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var waiters = WaitersOn(bus, services);
        wire.Before = message =>
        {
            if (when == Silenced.AtItsFirstSubscription && message.Kind == "SUBSCRIBE" && message.Text.StartsWith("longpoll:", StringComparison.Ordinal))
            {
                wire.Silence();
                wire.Before = null;
            }

            return ValueTask.FromResult(true);
        };
        await bus.StartAsync(Cancel);
        await Eventually.IsAsync(() => bus.Reliable == (when == Silenced.Connected));
        var orders = await ParkAsync(waiters);
        if (when == Silenced.Connected)
        {
            waiters.TakeDoubtful();
            Assert.Empty(waiters.TakeDoubtful());
            wire.Silence();
            await Eventually.IsAsync(() => !bus.Reliable, "the loss is noticed");
        }

        await Eventually.IsAsync(() => bus.Reliable, "another connection carries messages", seconds: 60);
        await LookedAtAsync(waiters, orders);
        await Eventually.IsAsync(() => waiters.TakeDoubtful().Count == 0, "then nobody");

        // Each is subscribed once: not on the silent connection as well.
        using var other = await RedisWire.ConnectAsync(redis.Connection);
        foreach (var order in orders)
        {
            Assert.Equal(":1", await other.AskAsync("PUBLISH", $"order:status:{order}", "look"));
        }

        await LookedAtAsync(waiters, orders);
        Assert.True(bus.Reliable);
        await bus.StopAsync(Cancel);
    }

    private static RedisStatusBus BusThrough(WireProxy wire) => new(
        string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{wire.Port}"), TimeSpan.FromSeconds(60), TimeProvider.System, NullLogger<RedisStatusBus>.Instance);

    private static Waiters WaitersOn(RedisStatusBus bus, ServiceProvider services) => new(
        bus, Options.Create(new LongPollOptions()), TimeProvider.System, new WaitMetrics(services.GetRequiredService<IMeterFactory>()), NullLogger<Waiters>.Instance);

    private static async Task LookedAtAsync(Waiters waiters, Guid[] orders)
    {
        var looked = new HashSet<Guid>();
        await Eventually.IsAsync(
            () =>
            {
                looked.UnionWith(waiters.TakeDoubtful().Select(d => d.OrderId));
                return looked.SetEquals(orders);
            },
            "each is looked at");
    }

    private static async Task<Guid[]> ParkAsync(Waiters waiters)
    {
        var orders = Enumerable.Range(0, Orders).Select(_ => Guid.CreateVersion7()).Order().ToArray();
        foreach (var order in orders)
        {
            var waiter = new Waiter(order, new WaitCondition(null, WaitUntil.Settled));
            Assert.Null(await waiters.JoinAsync(waiter));
            waiter.Place!.Arm(waiter, StatusBusSuite.View(order));
        }

        return orders;
    }

    /// <returns>What ends the loss.</returns>
    private static async Task<Func<Task>> LoseAsync(RedisServer redis, WireProxy wire, Loss loss)
    {
        if (loss == Loss.Restarted)
        {
            await redis.KillAsync();
            return redis.StartAsync;
        }

        var release = loss == Loss.SubscriptionCutAndAnswersLate ? await HoldCommandsAsync(wire) : () => Task.CompletedTask;
        using var admin = await RedisWire.ConnectAsync(redis.Connection);
        await admin.AskAsync("CLIENT", "KILL", "TYPE", "pubsub");
        if (loss == Loss.EverythingCut)
        {
            await admin.AskAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        }

        return release;
    }

    /// <summary>From the next probe on, the connection for commands stands still, until a second after the client has given it up.</summary>
    private static async Task<Func<Task>> HoldCommandsAsync(WireProxy wire)
    {
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        wire.Before = async message =>
        {
            if (message.Kind == "PUBLISH")
            {
                held.TrySetResult();
                await released.Task;
            }

            return true;
        };
        await held.Task.WaitAsync(Cancel);
        return async () =>
        {
            await Task.Delay(ClientPatience + TimeSpan.FromSeconds(1), TimeProvider.System, Cancel);
            released.SetResult();
        };
    }
}
