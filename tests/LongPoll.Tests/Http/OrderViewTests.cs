using System.Globalization;
using System.Text.Json;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The order view: every field, the same bytes everywhere, nobody's data.</summary>
public abstract class OrderViewTests(ServerWorld world)
{
    private static readonly string[] Fields =
    [
        "orderId", "orderNumber", "paymentStatus", "status", "settled", "totalAmount", "currency", "refundedAmount", "provider", "receipt",
        "checkoutUrl", "reason", "message", "safeToRetry", "customer", "bookingReference", "fulfilment", "tickets", "version", "createdAt",
        "updatedAt", "expiresAt",
    ];

    [Fact]
    [Trait("Acceptance", "15")]
    [Trait("Acceptance", "38")]
    [Trait("Acceptance", "56")]
    [Trait("Acceptance", "57")]
    public async Task CreateOrder_OrdinaryOrder_IsAnsweredWithEveryField()
    {
        var order = await world.Shop.PlaceAsync();

        var view = order.Answer.Json;
        Assert.Equal([.. Fields, "accessToken"], view.EnumerateObject().Select(p => p.Name));
        Assert.True(Guid.TryParseExact(order.Id, "D", out var id) && id.Version == 7);
        Assert.Matches("^[0-9A-Z-]{4,16}$", view.GetProperty("orderNumber").GetString());
        Assert.Equal("processing", order.Answer.PaymentStatus);
        Assert.Equal("pending", view.GetProperty("status").GetString());
        Assert.False(view.GetProperty("settled").GetBoolean());
        Assert.Equal("300.00", view.GetProperty("totalAmount").GetRawText());
        Assert.Equal("KES", view.GetProperty("currency").GetString());
        Assert.Equal(0m, view.GetProperty("refundedAmount").GetDecimal());
        Assert.Equal("payhero", view.GetProperty("provider").GetString());
        Assert.Equal(JsonValueKind.Null, view.GetProperty("receipt").ValueKind);
        Assert.Equal(JsonValueKind.Null, view.GetProperty("checkoutUrl").ValueKind);
        Assert.Equal(JsonValueKind.Null, view.GetProperty("reason").ValueKind);
        Assert.Equal("Check your phone and enter your M-PESA PIN", view.GetProperty("message").GetString());
        Assert.False(view.GetProperty("safeToRetry").GetBoolean());
        Assert.Equal(JsonValueKind.Null, view.GetProperty("bookingReference").ValueKind);
        Assert.Equal("none", view.GetProperty("fulfilment").GetString());
        Assert.Empty(view.GetProperty("tickets").EnumerateArray());
        Assert.True(order.Answer.Version >= 1);
        Assert.True(order.Token.Length >= 32);
        foreach (var field in (string[])["createdAt", "updatedAt", "expiresAt"])
        {
            Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$", view.GetProperty(field).GetString());
        }

        Assert.Equal(TimeSpan.FromSeconds(900), Instant(view, "expiresAt") - Instant(view, "createdAt"));
    }

    [Fact]
    public async Task CreateOrder_OrdinaryOrder_SaysWhereItIsToBeFound()
    {
        var order = await world.Shop.PlaceAsync();

        var location = order.Answer.Header("Location");
        Assert.EndsWith($"/orders/{order.Id}", location, StringComparison.Ordinal);
        Assert.Equal(order.Id, (await world.Shop.GetAsync(location!)).AssertView("processing").Json.GetProperty("orderId").GetString());
        Assert.Equal("no-store", order.Answer.Header("Cache-Control"));
    }

    [Fact]
    public async Task CreateOrder_ExpiresInGiven_IsKept()
    {
        var body = Shop.Body();
        body["expiresIn"] = 60;

        var view = (await world.Shop.CreateAsync(body)).Json;

        Assert.Equal(TimeSpan.FromSeconds(60), Instant(view, "expiresAt") - Instant(view, "createdAt"));
    }

    [Fact]
    [Trait("Acceptance", "41")]
    [Trait("Acceptance", "78")]
    public async Task View_ReadInEveryWay_IsTheSameBytes()
    {
        var shop = world.Shop;
        var order = await shop.PlaceAsync();
        var created = order.Answer.Text.Replace($",\"accessToken\":\"{order.Token}\"", "", StringComparison.Ordinal);

        Assert.Equal(created, (await shop.ReadAsync(order)).Text);
        Assert.Equal(created, (await shop.WaitAsync(order, "since=0")).Text);

        var waiting = shop.WaitAsync(order);
        await using var events = await EventReader.OpenAsync(shop, $"/orders/{order.Id}/events");
        Assert.Equal(created, (await events.NextAsync())!.Data);
        await shop.ParkedAsync(2);
        await shop.PaidAsync(order);

        var read = (await shop.ReadAsync(order)).AssertView("completed");
        Assert.Equal(read.Text, (await waiting).AssertView("completed", "notified").Text);
        Assert.Equal(read.Text, (await events.NextAsync())!.Data);
        var cached = await Until.ValueAsync(() => shop.WaitAsync(order), wait => wait.Ending == "cache");
        Assert.Equal(read.Text, cached.Text);
    }

    [Fact]
    public async Task View_Paid_HasReceiptAndBookingReference()
    {
        var shop = world.Shop;
        var order = await shop.PlaceAsync();
        var receipt = await shop.PaidAsync(order);

        var view = (await shop.ReadAsync(order)).AssertView("completed").Json;

        Assert.Equal("confirmed", view.GetProperty("status").GetString());
        Assert.True(view.GetProperty("settled").GetBoolean());
        Assert.Equal(receipt, view.GetProperty("receipt").GetString());
        Assert.False(string.IsNullOrEmpty(view.GetProperty("bookingReference").GetString()));
        Assert.False(view.GetProperty("safeToRetry").GetBoolean());
        Assert.True(view.GetProperty("version").GetInt64() > order.Answer.Version);
    }

    [Fact]
    public async Task View_AnyAnswer_HoldsNobodysData()
    {
        var shop = world.Shop;
        var body = Shop.Body();
        body["customer"]!["email"] = "tess@example.com";
        var phone = body["customer"]!["phone"]!.GetValue<string>();
        var created = await shop.CreateAsync(body);
        var id = created.Json.GetProperty("orderId").GetString();
        var push = shop.PayHero.PushesTo(phone)[0];
        var outcome = Shop.Paid();
        List<string> said = [created.Text];
        said.Add((await shop.CallbackAsync(push, PayHeroWire.ShapeA(push, outcome))).Text);
        said.Add((await shop.CallbackAsync(push, PayHeroWire.ShapeB(push, outcome))).Text);
        said.Add((await shop.GetAsync($"/orders/{id}")).Text);
        said.Add((await shop.GetAsync($"/orders/{id}/wait?timeout=5")).Text);
        said.Add((await shop.PostAsync($"/orders/{id}/verify")).Text);

        var customer = created.Json.GetProperty("customer");
        Assert.Equal("Test", customer.GetProperty("firstName").GetString());
        Assert.Equal("t***@example.com", customer.GetProperty("email").GetString());
        Assert.Equal(phone[..4] + "*****" + phone[^3..], customer.GetProperty("phone").GetString());
        Assert.All(said, text =>
        {
            Assert.DoesNotContain(phone[3..], text, StringComparison.Ordinal);
            Assert.DoesNotContain("tess@", text, StringComparison.Ordinal);
            Assert.DoesNotContain("Buyer", text, StringComparison.Ordinal);
        });
    }

    [Theory]
    [Trait("Acceptance", "1")]
    [InlineData("")]
    [InlineData("/api")]
    public async Task Paths_WithAndWithoutApi_Answer(string prefix)
    {
        var shop = world.Shop;
        var created = await shop.PostAsync(prefix + "/orders", System.Text.Encoding.UTF8.GetBytes(Shop.Body().ToJsonString()));
        Assert.Equal(201, created.Status);
        var id = created.Json.GetProperty("orderId").GetString();

        (await shop.GetAsync($"{prefix}/orders/{id}")).AssertView("processing");
        (await shop.GetAsync(created.Header("Location")!)).AssertView("processing");
        (await shop.GetAsync($"{prefix}/orders/{id}/wait?since=0")).AssertView("processing");
        (await shop.PostAsync($"{prefix}/orders/{id}/verify")).AssertView("processing");
        (await shop.PostAsync($"{prefix}/orders/{id}/pay")).AssertProblem(401);
        (await shop.PostAsync($"{prefix}/payhero/callback", "{}"u8.ToArray())).AssertProblem(401);
        Assert.Equal(200, (await shop.GetAsync(prefix + "/health/live")).Status);
        await using var events = await EventReader.OpenAsync(shop, $"{prefix}/orders/{id}/events");
        Assert.NotNull(await events.NextAsync());
    }

    private static DateTimeOffset Instant(JsonElement view, string field) => DateTimeOffset.Parse(view.GetProperty(field).GetString()!, CultureInfo.InvariantCulture);
}
