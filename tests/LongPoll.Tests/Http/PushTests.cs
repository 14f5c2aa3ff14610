using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>What becomes of an order when the provider does not do as it should. The order stands in every case.</summary>
public abstract class PushTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "38")]
    [Trait("Acceptance", "39")]
    public async Task Push_OrdinaryOrder_CarriesWhatPayHeroNeeds()
    {
        await using var shop = await world.StartAsync(("PayHero:ChannelId", "4242"), ("PayHero:CallbackUrl", "https://tunnel.example/api/payhero/callback"));

        var order = await shop.PlaceAsync();

        var push = Assert.Single(world.PayHero.PushesTo(order.Phone));
        Assert.Equal(4242, push.ChannelId);
        Assert.Equal(300, push.Amount);
        Assert.StartsWith("https://tunnel.example/api/payhero/callback/", push.CallbackUrl!.AbsoluteUri, StringComparison.Ordinal);
        Assert.DoesNotContain(ServerWorld.CallbackToken, push.CallbackUrl.AbsoluteUri, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, """{"error_code":"BAD_REQUEST","error_message":"insufficient balance in service wallet"}""")]
    [InlineData(401, """{"error_message":"invalid credentials"}""")]
    [InlineData(200, """{"success":false,"status":"FAILED","error":"no"}""")]
    public async Task Push_Refused_TheOrderFailedAndMayBeTriedAgain(int status, string body)
    {
        var phone = Shop.NewPhone();
        world.PayHero.Answer(phone, status, body);

        var order = await world.Shop.PlaceAsync(phone);

        Assert.Equal("failed", order.Answer.PaymentStatus);
        Assert.Equal("provider_error", order.Answer.Json.GetProperty("reason").GetString());
        Assert.True(order.Answer.Json.GetProperty("safeToRetry").GetBoolean());
    }

    [Theory]
    [InlineData(503, "upstream is down")]
    [InlineData(500, "")]
    [InlineData(200, "<html>maintenance</html>")]
    public async Task Push_AnswerThatSaysNothing_TheOrderWaitsForACallback(int status, string body)
    {
        var phone = Shop.NewPhone();
        world.PayHero.Answer(phone, status, body);

        var order = await world.Shop.PlaceAsync(phone);

        // There may be a prompt on the phone: a second one could collect twice.
        Assert.Equal("pending", order.Answer.PaymentStatus);
        Assert.Equal("provider_down", order.Answer.Json.GetProperty("reason").GetString());
        Assert.False(order.Answer.Json.GetProperty("safeToRetry").GetBoolean());
        (await world.Shop.PayAsync(order)).AssertProblem(409);
        await world.Shop.PaidAsync(order);
        (await world.Shop.ReadAsync(order)).AssertView("completed");
    }

    [Fact]
    public async Task Push_AnswerLost_TheCallbackStillSettles()
    {
        var phone = Shop.NewPhone();
        world.PayHero.LoseAnswer(phone);

        var order = await world.Shop.PlaceAsync(phone);

        Assert.Equal("pending", order.Answer.PaymentStatus);
        Assert.False(order.Answer.Json.GetProperty("safeToRetry").GetBoolean());
        await world.Shop.PaidAsync(order);
        (await world.Shop.ReadAsync(order)).AssertView("completed");
        Assert.Single(world.PayHero.PushesTo(phone));
    }

    [Fact]
    public async Task Push_NothingListensAtTheProvider_NoPromptSoItMayBeTriedAgain()
    {
        await using var shop = await world.StartAsync(("PayHero:BaseUrl", "http://127.0.0.1:1"));

        var order = await shop.PlaceAsync();

        Assert.Equal("failed", order.Answer.PaymentStatus);
        Assert.Equal("provider_down", order.Answer.Json.GetProperty("reason").GetString());
        Assert.True(order.Answer.Json.GetProperty("safeToRetry").GetBoolean());
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/api/v2")]
    [InlineData("/api/v2/")]
    public async Task Push_BaseUrlWithOrWithoutVersion_ArrivesAtPayHero(string tail)
    {
        await using var shop = await world.StartAsync(("PayHero:BaseUrl", world.PayHero.Url + tail));

        Assert.Equal("processing", (await shop.PlaceAsync()).Answer.PaymentStatus);
    }

    [Fact]
    [Trait("Acceptance", "58")]
    [Trait("Acceptance", "77")]
    public async Task Callback_BeforeThePushIsAnswered_CountsAndStays()
    {
        var phone = Shop.NewPhone();
        var gate = world.PayHero.HoldAnswer(phone);
        var placing = world.Shop.PlaceAsync(phone);
        var push = await world.PayHero.PushToAsync(phone);

        var told = (await world.Shop.CallbackAsync(push, PayHeroWire.ShapeA(push, Shop.Paid()))).AssertResult("applied");
        gate.SetResult();

        var order = await placing;
        Assert.Equal("completed", order.Answer.PaymentStatus);
        Assert.Equal(told.Json.GetProperty("bookingReference").GetString(), order.Answer.Json.GetProperty("bookingReference").GetString());
        (await world.Shop.ReadAsync(order)).AssertView("completed");
    }

    [Fact]
    public async Task CreateOrder_ClientLeavesDuringThePush_TheOrderStandsAndIsPaid()
    {
        var phone = Shop.NewPhone();
        var gate = world.PayHero.HoldAnswer(phone);
        using var leaving = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = new StringContent(Shop.Body(phone).ToJsonString(), new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        var placing = world.Shop.Node.Client.SendAsync(request, leaving.Token);
        var push = await world.PayHero.PushToAsync(phone);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => placing);
        gate.SetResult();

        var told = (await world.Shop.CallbackAsync(push, PayHeroWire.ShapeA(push, Shop.Paid()))).AssertResult("applied");

        (await world.Shop.GetAsync($"/orders/{told.Json.GetProperty("orderId").GetString()}")).AssertView("completed");
    }
}
