using System.Text;
using System.Text.Json.Nodes;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>What went wrong once. Each test opens with its story.</summary>
public abstract class OrderBugTests(ServerWorld world)
{
    /// <summary>
    /// A stream held two places, one for the subscription and one for the wait in it: with room for one waiter of an order
    /// it ended after its first event, and the browser came back for ever.
    /// </summary>
    [Fact]
    public async Task Events_RoomForOne_TakesOnePlace()
    {
        await using var shop = await world.StartAsync(("LongPoll:MaxWaitersPerOrder", "1"), ("LongPoll:MaxWaiters", "1"));
        var order = await shop.PlaceAsync();
        await using var events = await EventReader.OpenAsync(shop, $"/orders/{order.Id}/events");
        Assert.NotNull(await events.NextAsync());
        await shop.ParkedAsync(1);

        await shop.PaidAsync(order);

        Assert.NotNull(await events.NextAsync());
    }

    /// <summary>The framework knows a title and a type for most errors, but none for 429: that document came without them.</summary>
    [Fact]
    public async Task TooManyRequests_HasTitleAndType()
    {
        await using var shop = await world.StartAsync(("LongPoll:MaxWaitersPerOrder", "1"));
        var order = await shop.PlaceAsync();
        var waiting = shop.WaitAsync(order);
        await shop.ParkedAsync(1);

        var refused = (await shop.WaitAsync(order)).AssertProblem(429).Json;

        Assert.Equal("Too Many Requests", refused.GetProperty("title").GetString());
        await shop.PaidAsync(order);
        await waiting;
    }

    /// <summary>Names were looked at for control characters, seats were not: PostgreSQL cannot store a NUL, so the order was a 503.</summary>
    [Fact]
    public async Task CreateOrder_NulInASeat_Is400()
    {
        var body = Shop.Body();
        body["items"]![0]!["seats"] = new JsonArray("A1", "A\0");

        (await world.Shop.CreateAsync(body)).AssertProblem(400);
    }

    /// <summary>PostgreSQL's text holds every character but NUL: one in an id of a callback was an error, and PayHero would have retried for ever.</summary>
    [Theory]
    [InlineData("ExternalReference", null)]
    [InlineData("MpesaReceiptNumber", "unconfirmed")]
    [InlineData("ResultDesc", "applied")]
    public async Task Callback_NulInAField_IsAnswered(string field, string? result)
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var body = JsonNode.Parse(PayHeroWire.ShapeA(push, Shop.Paid()))!;
        body["response"]![field] = "A\0B";

        var answer = await world.Shop.CallbackAsync(push, Encoding.UTF8.GetBytes(body.ToJsonString()));

        Assert.Equal(200, answer.Status);
        if (result is not null)
        {
            answer.AssertResult(result);
        }
    }

    /// <summary>
    /// With SQLite the facts about a callback were read one after the other. Another callback that committed in between left
    /// an order that was paid beside an attempt that was not: the same money looked like a second payment and went for review.
    /// </summary>
    [Fact]
    public async Task Callback_ManyIdenticalAtOnce_NeverLookLikeASecondPayment()
    {
        for (var round = 0; round < 20; round++)
        {
            var order = await world.Shop.PlaceAsync();
            var push = world.Shop.Push(order);
            var body = PayHeroWire.ShapeA(push, Shop.Paid());

            var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => world.Shop.CallbackAsync(push, body)));

            Assert.Equal("1 applied, 19 duplicate", $"{answers.Count(a => a.Result == "applied")} applied, {answers.Count(a => a.Result == "duplicate")} duplicate");
        }
    }
}
