using LongPoll.Sandbox.PayHero;
using LongPoll.Tests.Http;
using StackExchange.Redis;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>Two nodes on one database, with Redis between them.</summary>
public sealed class TwoNodeTests(PostgresWorld world) : IClassFixture<PostgresWorld>
{
    [Fact]
    [Trait("Acceptance", "5")]
    [Trait("Acceptance", "16")]
    [Trait("Acceptance", "17")]
    public async Task Wait_TenTabsOverTwoNodes_AreAnsweredByOneCallback()
    {
        await using var other = await world.StartAsync();
        var order = await world.Shop.PlaceAsync();
        var tabs = Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? world.Shop : other).WaitAsync(order)).ToArray();
        await world.Shop.ParkedAsync(5);
        await other.ParkedAsync(5);

        await other.PaidAsync(order);

        var answers = await Task.WhenAll(tabs);
        Assert.All(answers, a => a.AssertView("completed", "notified"));
        Assert.Single(answers.Select(a => a.Text).Distinct(StringComparer.Ordinal));

        // The next wait costs no database read, on either node.
        (await Until.ValueAsync(() => world.Shop.WaitAsync(order), a => a.Ending == "cache")).AssertView("completed");
        (await Until.ValueAsync(() => other.WaitAsync(order), a => a.Ending == "cache")).AssertView("completed");
    }

    [Fact]
    [Trait("Acceptance", "66")]
    [Trait("Acceptance", "68")]
    [Trait("Acceptance", "71")]
    [Trait("Acceptance", "72")]
    [Trait("Acceptance", "73")]
    public async Task Callback_FiftyOverTwoNodes_PayOnce()
    {
        await using var other = await world.StartAsync();
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var body = PayHeroWire.ShapeA(push, Shop.Paid());

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? world.Shop : other).CallbackAsync(push, body)));

        Assert.Single(answers, a => a.AssertStatus(200).Result == "applied");
        Assert.Equal(49, answers.Count(a => a.Result == "duplicate"));
        Assert.Single(answers.Select(a => a.Json.GetProperty("bookingReference").GetString()).Distinct(StringComparer.Ordinal));
        Assert.Equal((1, 1), (await world.CountAsync("payments", order.Id), await world.CountAsync("bookings", order.Id)));
        Assert.Equal(1, await world.ScalarAsync(
            "select count(*) from bookings b join payments p using (order_id) join orders o using (order_id) where order_id = $1 and b.booking_reference = o.booking_reference and b.transaction_id = p.transaction_id",
            Guid.Parse(order.Id)));
    }

    [Fact]
    [Trait("Acceptance", "8")]
    [Trait("Acceptance", "11")]
    [Trait("Acceptance", "12")]
    [Trait("Acceptance", "15")]
    [Trait("Acceptance", "40")]
    [Trait("Acceptance", "41")]
    public async Task Redis_MessageAndCacheEntry_AreTheViewsBytes()
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync(Servers.Redis);
        var order = await world.Shop.PlaceAsync();
        var heard = System.Threading.Channels.Channel.CreateUnbounded<string>();
        await redis.GetSubscriber().SubscribeAsync(new RedisChannel("order:status:" + order.Id, RedisChannel.PatternMode.Literal), (_, message) => heard.Writer.TryWrite(message!));

        await world.Shop.PaidAsync(order);

        var view = (await world.Shop.ReadAsync(order)).AssertView("completed").Text;
        Assert.Equal(view, await heard.Reader.ReadAllAsync(TestContext.Current.CancellationToken)
            .FirstAsync(static message => message.Contains("completed", StringComparison.Ordinal), TestContext.Current.CancellationToken)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.Equal(view, (string?)await redis.GetDatabase().StringGetAsync("order:latest:" + order.Id));
        Assert.InRange((await redis.GetDatabase().KeyTimeToLiveAsync("order:latest:" + order.Id))!.Value.TotalSeconds, 50, 60);
    }

    // An older system kept its status for half an hour, failures too.
    [Fact]
    [Trait("Acceptance", "22")]
    [Trait("Acceptance", "24")]
    public async Task Redis_CacheOfHalfAnHour_KeepsAFailureToo()
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync(Servers.Redis);

        // A node beside it would make up what this one is late to announce, and keep it for as long as itself is set to.
        await using var shop = await world.StartAsync(("LongPoll:CacheTtl", "00:30:00"), ("ConnectionStrings:Postgres", await Servers.CreateDatabaseAsync()));
        var order = await shop.PlaceAsync();

        (await shop.TellAsync(order, Shop.Failed(2001, "wrong PIN"))).AssertResult("applied");

        var view = (await shop.ReadAsync(order)).AssertView("failed").Text;
        await Until.ValueAsync(async () => (string?)await redis.GetDatabase().StringGetAsync("order:latest:" + order.Id), kept => kept == view);
        Assert.InRange((await redis.GetDatabase().KeyTimeToLiveAsync("order:latest:" + order.Id))!.Value.TotalMinutes, 29, 30);
    }

    [Fact]
    [Trait("Acceptance", "6")]
    public async Task Redis_ViewOfAForeignProgram_IsDeliveredLikeOurs()
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync(Servers.Redis);
        var order = await world.Shop.PlaceAsync();
        var waiting = world.Shop.WaitAsync(order);
        await world.Shop.ParkedAsync(1);
        var foreign = $$"""{ "orderId": "{{order.Id}}", "version": 99, "paymentStatus": "completed", "settled": true, "note": "from elsewhere" }""";

        await redis.GetSubscriber().PublishAsync(new RedisChannel("order:status:" + order.Id, RedisChannel.PatternMode.Literal), foreign);

        var answer = await waiting;
        Assert.Equal("notified", answer.Ending);
        Assert.Equal(foreign, answer.Text);
        Assert.Equal("\"v99\"", answer.Header("ETag"));
    }

    [Fact]
    [Trait("Acceptance", "13")]
    [Trait("Acceptance", "14")]
    public async Task Redis_AfterEveryWaiterLeft_NoSubscriptionIsLeft()
    {
        using var redis = await ConnectionMultiplexer.ConnectAsync(Servers.Redis + ",allowAdmin=true");
        var server = redis.GetServer(redis.GetEndPoints()[0]);
        var order = await world.Shop.PlaceAsync();
        var channel = new RedisChannel("order:status:" + order.Id, RedisChannel.PatternMode.Literal);
        using var leaving = new CancellationTokenSource();
        var gone = Enumerable.Range(0, 3).Select(_ => world.Shop.Node.Client.GetAsync($"/orders/{order.Id}/wait", leaving.Token)).ToArray();
        var late = world.Shop.WaitAsync(order, "timeout=1");
        await world.Shop.ParkedAsync(4);
        Assert.Equal(1, await server.SubscriptionSubscriberCountAsync(channel));

        await leaving.CancelAsync();
        await Task.WhenAll(gone.Select(g => Assert.ThrowsAnyAsync<OperationCanceledException>(() => g)));
        (await late).AssertView("processing", "timeout");

        await Until.ValueAsync(() => server.SubscriptionSubscriberCountAsync(channel), count => count == 0);
    }
}
