using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace LongPoll.Tests.Http.Providers;

/// <summary>A node as <c>dotnet run</c> starts it: without any key, both pay pages work, and the buyer comes back to a paid order.</summary>
public abstract class SandboxPageTests(ServerWorld world)
{
    [Theory]
    [Trait("Acceptance", "65")]
    [InlineData("stripe", "USD", "pay", "completed")]
    [InlineData("stripe", "USD", "later", "completed")]
    [InlineData("stripe", "USD", "decline", "failed")]
    [InlineData("phonepe", "INR", "pay", "completed")]
    [InlineData("phonepe", "INR", "cancel", "cancelled")]
    [InlineData("phonepe", "INR", "decline", "failed")]
    public async Task Page_AButtonIsPressed_TheWaitingPageIsAnswered(string provider, string currency, string press, string paymentStatus)
    {
        var order = await PlaceAsync(provider, currency);
        var address = new Uri(order.Answer.Json.GetProperty("checkoutUrl").GetString()!);
        var page = await world.Shop.GetAsync(address.PathAndQuery);
        page.AssertStatus(200);
        Assert.Contains("text/html", page.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Contains($"{currency} 300.00", page.Text, StringComparison.Ordinal);
        var waiting = world.Shop.WaitAsync(order);
        await world.Shop.ParkedAsync(1);

        var pressed = await PressAsync(address, press);

        Assert.Equal(302, pressed.Status);
        Assert.EndsWith("/payment/" + order.Id, pressed.Header("Location"), StringComparison.Ordinal);
        (await waiting).AssertView(paymentStatus, "notified");
        Assert.Contains("This page is over", (await world.Shop.GetAsync(address.PathAndQuery)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_PaidAndCallbackLost_IsFoundByAsking()
    {
        var order = await PlaceAsync("phonepe", "INR");
        var address = new Uri(order.Answer.Json.GetProperty("checkoutUrl").GetString()!);

        (await world.Shop.PostAsync(address.AbsolutePath + "/answer", """{"action":"pin","lost":true}"""u8.ToArray())).AssertStatus(202);
        (await world.Shop.PostAsync(address.AbsolutePath + "/answer", """{"action":"pin"}"""u8.ToArray())).AssertStatus(409);

        (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");
    }

    // v2's webhooks, in the sandbox by the shapes that are not PayHero's first.
    [Fact]
    public async Task Page_PaidWithAWebhook_IsConfirmedByTheStatus()
    {
        var order = await PlaceAsync("phonepe", "INR");
        var address = new Uri(order.Answer.Json.GetProperty("checkoutUrl").GetString()!);
        var waiting = world.Shop.WaitAsync(order);
        await world.Shop.ParkedAsync(1);

        (await world.Shop.PostAsync(address.AbsolutePath + "/answer", """{"action":"pin","shape":"b"}"""u8.ToArray())).AssertStatus(202);

        (await waiting).AssertView("completed", "notified");
        var listed = JsonSerializer.Deserialize<JsonArray>((await world.Shop.GetAsync("/sandbox/pages")).Text)!;
        Assert.Contains(listed, p => (string?)p!["id"] == address.Segments[^1] && (string?)p["state"] == "paid");
    }

    private async Task<Placed> PlaceAsync(string provider, string currency)
    {
        var body = Shop.Body();
        (body["provider"], body["currency"]) = (provider, currency);
        var answer = (await world.Shop.CreateAsync(body)).AssertStatus(201);
        Assert.Equal("processing", answer.PaymentStatus);
        return new Placed(answer.Json.GetProperty("orderId").GetString()!, "", "", answer);
    }

    private async Task<Answer> PressAsync(Uri address, string press)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var form = new FormUrlEncodedContent([new("press", press)]);
        using var response = await client.PostAsync(new Uri(world.Shop.Node.Address, address.AbsolutePath), form, TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}
