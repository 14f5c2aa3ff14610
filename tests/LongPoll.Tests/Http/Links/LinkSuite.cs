using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Http.Links;

/// <summary>What a merchant, a payer and time do with payment links, over HTTP.</summary>
public abstract class LinkSuite(ServerWorld world)
{
    private const string CronSecret = "development-only-cron-secret";

    protected ServerWorld World => world;

    /// <summary>A link that nothing is wrong with: 300 shillings.</summary>
    protected static JsonObject Body(DateTime? expiresAt = null, bool draft = false)
    {
        var body = new JsonObject { ["amount"] = 300, ["currency"] = "KES", ["description"] = "Table for <two> & wine" };
        if (expiresAt is { } at)
        {
            body["expiresAt"] = at.ToString("O", System.Globalization.CultureInfo.InvariantCulture);
        }

        if (draft)
        {
            body["draft"] = true;
        }

        return body;
    }

    protected static DateTime In(TimeSpan time) => TimeProvider.System.GetUtcNow().UtcDateTime + time;

    /// <summary>A link as its merchant got it.</summary>
    protected static async Task<(string Id, string Code)> MakeAsync(Shop shop, JsonObject? body = null)
    {
        var made = (await PostAsync(shop, "/payment-links", body ?? Body())).AssertStatus(201);
        return (Data(made).GetProperty("id").GetString()!, Data(made).GetProperty("shortCode").GetString()!);
    }

    protected static JsonElement Data(Answer answer) => answer.Json.GetProperty("data");

    protected static Task<Answer> StatusAsync(Shop shop, string link) => shop.GetAsync($"/payment-links/{link}/status");

    /// <summary>Asserts where the link stands.</summary>
    protected static async Task<JsonElement> StandsAsync(Shop shop, string link, string status, string? lastEvent = null)
    {
        var data = Data((await StatusAsync(shop, link)).AssertStatus(200));
        Assert.Equal(status, data.GetProperty("currentStatus").GetString());
        if (lastEvent is not null)
        {
            Assert.Equal(lastEvent, data.GetProperty("lastEventType").GetString());
        }

        return data;
    }

    protected static JsonObject Payer(string phone) => new() { ["phone"] = phone, ["email"] = "payer@example.com", ["firstName"] = "Amina" };

    protected static Task<Answer> TryPayAsync(Shop shop, string link, string? phone = null, params (string Name, string Value)[] headers) =>
        PostAsync(shop, $"/payment-links/{link}/pay", Payer(phone ?? Shop.NewPhone()), headers);

    /// <summary>The order that somebody started on a link.</summary>
    protected static async Task<Placed> PayAsync(Shop shop, string link, string? phone = null)
    {
        phone ??= Shop.NewPhone();
        return PlacedBy((await TryPayAsync(shop, link, phone)).AssertStatus(201), phone);
    }

    protected static Placed PlacedBy(Answer answer, string phone) =>
        new(answer.Json.GetProperty("orderId").GetString()!, answer.Json.GetProperty("accessToken").GetString()!, phone, answer);

    protected static Task<Answer> PostAsync(Shop shop, string path, JsonObject? body = null, params (string Name, string Value)[] headers) =>
        shop.PostAsync(path, body is null ? null : Encoding.UTF8.GetBytes(body.ToJsonString()), headers);

    protected static async Task RunAsync(Shop shop, string job) =>
        Assert.True((await shop.PostAsync("/jobs/" + job, body: null, ("x-cron-secret", CronSecret))).AssertStatus(200).Json.GetProperty("success").GetBoolean());

    /// <summary>The link as if it had been made that much earlier.</summary>
    protected Task AgeLinkAsync(string link, TimeSpan by) => world.AgeAsync("payment_links", "link_id", link, by, "created_at", "updated_at", "expires_at");

    /// <summary>The order as if it had been started that much earlier.</summary>
    protected async Task AgeOrderAsync(Placed order, TimeSpan by)
    {
        await world.AgeAsync("orders", "order_id", order.Id, by, "created_at", "expires_at");
        await world.AgeAsync("payment_attempts", "order_id", order.Id, by, "created_at", "ask_at");
    }

    /// <summary>A paid link with the order that paid it.</summary>
    protected static async Task<(string Link, Placed Order, string Receipt)> PaidLinkAsync(Shop shop)
    {
        var (link, _) = await MakeAsync(shop);
        var order = await PayAsync(shop, link);
        return (link, order, await shop.PaidAsync(order));
    }

    /// <summary>A link whose time ran out, as the job leaves it.</summary>
    protected async Task<(string Link, Placed Order)> ExpiredLinkAsync(Shop shop)
    {
        var (link, _) = await MakeAsync(shop);
        var order = await PayAsync(shop, link);
        await AgeLinkAsync(link, TimeSpan.FromDays(2));
        await RunAsync(shop, "expired-links");
        await StandsAsync(shop, link, "EXPIRED", "EXPIRED");
        return (link, order);
    }

    protected static async Task<Answer> CancelAsync(Shop shop, string link) => await shop.PostAsync($"/payment-links/{link}/cancel");

    /// <summary>The buyer says no at the phone: the order may be tried again.</summary>
    protected static async Task DeclineAsync(Shop shop, Placed order)
    {
        (await shop.TellAsync(order, Shop.Cancelled())).AssertResult("applied");
        Assert.True((await shop.ReadAsync(order)).Json.GetProperty("safeToRetry").GetBoolean());
    }

    /// <summary>PayHero says that this was paid; the word it is answered with.</summary>
    protected static async Task<string> PaidAgainAsync(Shop shop, Placed order, PaymentOutcome? outcome = null) =>
        (await shop.TellAsync(order, outcome ?? Shop.Paid())).AssertStatus(200).Result;
}
