using System.Text;
using System.Text.Json.Nodes;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Money that fits no order as it stands: shown, attached or dismissed by a person, never dropped.</summary>
public abstract class MoneyInboxTests(ServerWorld world)
{
    private const string Key = "development-only-admin-key-development-only";

    [Fact]
    public async Task WrongAmount_IsShown_AndPaysItsOrderOnceAPersonSaysSo()
    {
        await using var shop = await world.StartAsync();
        var order = await shop.PlaceAsync();
        var entry = await PayWrongAsync(shop, order, 299);
        var under = await shop.ReadAsync(order);
        Assert.Equal("under_review", Reason(under));
        Assert.False(under.Json.GetProperty("safeToRetry").GetBoolean());

        (await DecideAsync(shop, entry, "attach", reason: null)).AssertProblem(400);
        var attached = await DecideAsync(shop, entry, "attach", "the buyer paid the last shilling in cash");

        attached.AssertView("completed");
        Assert.Equal(attached.Bytes, (await shop.ReadAsync(order)).Bytes);
        (await DecideAsync(shop, entry, "dismiss", "too late")).AssertProblem(404);
        Assert.DoesNotContain(await ListAsync(shop), e => (string?)e["id"] == entry);
    }

    // Dismissing one of two entries told the buyer that nobody was looking at the money any more.
    [Fact]
    public async Task TwoEntries_OneIsDismissed_TheOrderStaysUnderReview()
    {
        await using var shop = await world.StartAsync();
        var order = await shop.PlaceAsync();
        var first = await PayWrongAsync(shop, order, 100);
        var second = await PayWrongAsync(shop, order, 200);

        Assert.Equal(204, (await DecideAsync(shop, first, "dismiss", "refunded")).Status);
        Assert.Equal("under_review", Reason(await shop.ReadAsync(order)));
        Assert.Equal(204, (await DecideAsync(shop, second, "dismiss", "refunded")).Status);
        Assert.Null(Reason(await shop.ReadAsync(order)));
    }

    [Fact]
    public async Task SecondPayment_CannotBeAttachedToThePaidOrder()
    {
        await using var shop = await world.StartAsync();
        var order = await shop.PlaceAsync();
        await shop.PaidAsync(order);
        Assert.Equal("review", (await shop.TellAsync(order, Shop.Paid())).Result);
        var entry = (string)(await ListAsync(shop)).Single(e => (string?)e["orderId"] == order.Id)["id"]!;

        (await DecideAsync(shop, entry, "attach", "again")).AssertProblem(409);
        Assert.Equal(204, (await DecideAsync(shop, entry, "dismiss", "refunded by hand")).Status);
    }

    [Fact]
    public async Task WithoutTheAdminKey_NothingIsShownOrDecided()
    {
        await using var shop = await world.StartAsync();

        (await shop.GetAsync("/admin/money-inbox")).AssertProblem(401);
        (await shop.GetAsync("/admin/money-inbox", ("X-Admin-Key", "wrong"))).AssertProblem(401);
        (await shop.PostAsync($"/admin/money-inbox/{Guid.NewGuid()}/dismiss", Body("x"))).AssertProblem(401);
    }

    private static async Task<string> PayWrongAsync(Shop shop, Placed order, int amount)
    {
        var push = shop.Push(order);
        var body = JsonNode.Parse(PayHeroWire.ShapeA(push, Shop.Paid()))!;
        body["response"]!["Amount"] = amount;
        var receipt = (string)body["response"]!["MpesaReceiptNumber"]!;
        Assert.Equal("review", (await shop.CallbackAsync(push, Encoding.UTF8.GetBytes(body.ToJsonString()))).Result);
        var entry = (await ListAsync(shop)).Single(e => (string?)e["transactionId"] == receipt);
        Assert.Equal("wrong_amount", (string?)entry["problem"]);
        Assert.Equal(amount, (decimal)entry["amount"]!);
        return (string)entry["id"]!;
    }

    private static async Task<IEnumerable<JsonNode>> ListAsync(Shop shop) =>
        JsonNode.Parse((await shop.GetAsync("/admin/money-inbox", ("X-Admin-Key", Key))).Bytes)!.AsArray().Select(e => e!);

    private static string? Reason(Answer view) => view.Json.GetProperty("reason").GetString();

    private static Task<Answer> DecideAsync(Shop shop, string entry, string decision, string? reason) => shop.PostAsync(
        $"/admin/money-inbox/{entry}/{decision}", Body(reason), ("X-Admin-Key", Key));

    private static byte[] Body(string? reason) => Encoding.UTF8.GetBytes(new JsonObject { ["reason"] = reason }.ToJsonString());
}
