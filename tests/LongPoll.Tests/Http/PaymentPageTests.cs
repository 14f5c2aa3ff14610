using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The page of a payment as somebody without JavaScript gets it, whether or not the shop has been built.</summary>
public abstract class PaymentPageTests(ServerWorld world)
{
    private const string Refresh = "<meta http-equiv=\"refresh\" content=\"5\">";

    [Fact]
    [Trait("Acceptance", "128")]
    public async Task Page_OpenPayment_LooksAgainByItself()
    {
        var order = await world.Shop.PlaceAsync();

        var page = await PageAsync(world.Shop, order, 200);

        Assert.Contains("<h1>Waiting for payment</h1>", page, StringComparison.Ordinal);
        Assert.Contains("KES 300", page, StringComparison.Ordinal);
        Assert.Contains(Refresh, page, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Acceptance", "129")]
    public async Task Page_PaidOrder_ShowsReceiptAndBooking()
    {
        var order = await world.Shop.PlaceAsync();
        var receipt = await world.Shop.PaidAsync(order);

        var page = await PageAsync(world.Shop, order, 200);

        Assert.Contains("<section data-status=\"completed\"><h1>Payment successful!</h1>", page, StringComparison.Ordinal);
        Assert.Contains(receipt, page, StringComparison.Ordinal);
        Assert.Contains((await world.Shop.ReadAsync(order)).Json.GetProperty("bookingReference").GetString()!, page, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Acceptance", "130")]
    public async Task Page_CancelledPayment_SaysSoAndStands()
    {
        var order = await world.Shop.PlaceAsync();
        (await world.Shop.TellAsync(order, Shop.Cancelled())).AssertResult("applied");

        var page = await PageAsync(world.Shop, order, 200);

        Assert.Contains("<h1>Payment cancelled</h1>", page, StringComparison.Ordinal);
        Assert.DoesNotContain(Refresh, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_HasNothingOfTheBuyer_AndAdmitsNoForeignScript()
    {
        var order = await world.Shop.PlaceAsync();

        var answer = await world.Shop.GetAsync($"/payment/{order.Id}");

        Assert.DoesNotContain("example.com", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(order.Phone[^6..], answer.Text, StringComparison.Ordinal);
        Assert.Contains("default-src 'self'", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("no-store", answer.Header("Cache-Control"));
    }

    [Fact]
    public async Task Page_UnknownOrder_IsAPageAsWell()
    {
        var answer = await world.Shop.GetAsync($"/payment/{Guid.CreateVersion7()}");

        Assert.Equal(404, answer.Status);
        Assert.Contains("<h1>We cannot find this payment</h1>", answer.Text, StringComparison.Ordinal);
        (await world.Shop.GetAsync("/payment/not-an-id")).AssertProblem(400);
    }

    [Fact]
    public async Task Page_AccessTokenRequired_OpensOnlyWithIt()
    {
        await using var shop = await world.StartAsync(("LongPoll:RequireAccessToken", "true"));
        var order = await shop.PlaceAsync();

        var closed = await PageAsync(shop, order, 401);
        var open = await shop.GetAsync($"/payment/{order.Id}?access_token={order.Token}");

        Assert.DoesNotContain("KES", closed, StringComparison.Ordinal);
        Assert.Contains("<h1>Waiting for payment</h1>", open.Text, StringComparison.Ordinal);
    }

    private static async Task<string> PageAsync(Shop shop, Placed order, int status)
    {
        var answer = await shop.GetAsync($"/payment/{order.Id}");
        answer.AssertStatus(status);
        Assert.Equal("text/html", answer.ContentHeaders.ContentType?.MediaType);
        return answer.Text;
    }
}
