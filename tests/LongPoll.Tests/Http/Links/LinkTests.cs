using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xunit;

namespace LongPoll.Tests.Http.Links;

/// <summary>Making, opening and canceling a link, and what its status tells.</summary>
public abstract partial class LinkTests(ServerWorld world) : LinkSuite(world)
{
    private const string ApiKey = "shop-key-0123456789-0123456789-0123";

    private static readonly string[] Fields =
    [
        "id", "shortCode", "currentStatus", "statusMessage", "lastEventType", "lastEventTimestamp", "paymentMethod", "transactionInfo", "expiresAt", "isExpired", "updatedAt",
    ];

    [Fact]
    [Trait("Acceptance", "25")]
    [Trait("Acceptance", "26")]
    [Trait("Acceptance", "27")]
    [Trait("Acceptance", "28")]
    [Trait("Acceptance", "60")]
    public async Task Made_IsOpenAndTellsTheSameAsItsStatus()
    {
        var made = (await PostAsync(World.Shop, "/payment-links", Body())).AssertStatus(201);
        var data = Data(made);
        var id = data.GetProperty("id").GetString()!;

        Assert.Equal($"/payment-links/{id}/status", made.Header("Location"));
        Assert.Equal("no-store", made.Header("Cache-Control"));
        Assert.Equal(["data"], made.Json.EnumerateObject().Select(p => p.Name));
        Assert.Equal(Fields, data.EnumerateObject().Select(p => p.Name));
        Assert.Matches(Code(), data.GetProperty("shortCode").GetString()!);
        Assert.Equal(("OPEN", "Awaiting payment", "CREATED"), (Text(data, "currentStatus"), Text(data, "statusMessage"), Text(data, "lastEventType")));
        Assert.All((string[])["paymentMethod", "transactionInfo"], name => Assert.Equal(JsonValueKind.Null, data.GetProperty(name).ValueKind));
        Assert.All((string[])["lastEventTimestamp", "expiresAt", "updatedAt"], name => Assert.Matches(Instant(), Text(data, name)));
        Assert.False(data.GetProperty("isExpired").GetBoolean());
        Assert.Equal(data.GetProperty("lastEventTimestamp").GetDateTime() + TimeSpan.FromDays(1), data.GetProperty("expiresAt").GetDateTime());

        Assert.Equal(made.Text, (await StatusAsync(World.Shop, id)).AssertStatus(200).Text);
        Assert.Equal(made.Text, (await World.Shop.GetAsync($"/api/payment-links/{id}/status")).AssertStatus(200).Text);
    }

    [Fact]
    [Trait("Acceptance", "60")]
    [Trait("Acceptance", "61")]
    public async Task Draft_CanBePaidOnceItIsOpen()
    {
        var (link, _) = await MakeAsync(World.Shop, Body(draft: true));
        var draft = await StandsAsync(World.Shop, link, "DRAFT", "CREATED");
        Assert.Equal("Not open for payment yet", Text(draft, "statusMessage"));
        (await TryPayAsync(World.Shop, link)).AssertProblem(409);
        (await CancelAsync(World.Shop, link)).AssertProblem(409);

        var opened = (await World.Shop.PostAsync($"/payment-links/{link}/open")).AssertStatus(200);

        Assert.Equal(("OPEN", "OPENED"), (Text(Data(opened), "currentStatus"), Text(Data(opened), "lastEventType")));
        Assert.Equal(opened.Text, (await StatusAsync(World.Shop, link)).Text);
        (await World.Shop.PostAsync($"/payment-links/{link}/open")).AssertProblem(409);
        await World.Shop.PaidAsync(await PayAsync(World.Shop, link));
        await StandsAsync(World.Shop, link, "PAID", "PAID");
    }

    public static TheoryData<string, string> BadLinks => new()
    {
        { "amount", "null" },
        { "amount", "0" },
        { "amount", "-5" },
        { "amount", "10.50" },
        { "amount", "250001" },
        { "amount", "\"a lot\"" },
        { "currency", "null" },
        { "currency", "\"EUR\"" },
        { "currency", "\"shillings\"" },
        { "description", "null" },
        { "description", "\"  \"" },
        { "description", "\"two\\nlines\"" },
        { "provider", "\"cash\"" },
        { "expiresAt", "\"2020-01-01T00:00:00Z\"" },
        { "expiresAt", "\"2099-01-01T00:00:00Z\"" },
        { "expiresAt", "\"tomorrow\"" },
        { "draft", "\"perhaps\"" },
    };

    [Theory]
    [MemberData(nameof(BadLinks))]
    public async Task Made_WithSomethingWrong_Is400ByField(string field, string value)
    {
        var links = await World.CountAsync("payment_links");
        var body = Body();
        body[field] = JsonNode.Parse(value);

        var refused = (await PostAsync(World.Shop, "/payment-links", body)).AssertProblem(400);

        Assert.True(refused.Json.GetProperty("errors").TryGetProperty(field, out var why), refused.Text);
        Assert.NotEmpty(why.EnumerateArray());
        Assert.Equal(links, await World.CountAsync("payment_links"));
    }

    [Fact]
    public async Task Made_OutOfNothing_Is400WithEveryFieldThatLacks()
    {
        (await World.Shop.PostAsync("/payment-links", "nonsense"u8.ToArray())).AssertProblem(400);
        (await World.Shop.PostAsync("/payment-links", "[]"u8.ToArray())).AssertProblem(400);
        (await World.Shop.PostAsync("/payment-links", "null"u8.ToArray())).AssertProblem(400);
        var errors = (await World.Shop.PostAsync("/payment-links", "{}"u8.ToArray())).AssertProblem(400).Json.GetProperty("errors");

        Assert.Equal(["amount", "currency", "description"], errors.EnumerateObject().Select(e => e.Name).Order(StringComparer.Ordinal));
        (await PostAsync(World.Shop, "/payment-links", new JsonObject { ["amount"] = 300, ["currency"] = "KES", ["description"] = new string('x', 201) })).AssertProblem(400);
    }

    [Fact]
    public async Task Made_UntilAnInstantInAnotherZone_IsToldInUtc()
    {
        var body = Body();
        body["expiresAt"] = In(TimeSpan.FromDays(3)).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) + "T12:30:00.1239+03:00";

        var data = Data((await PostAsync(World.Shop, "/payment-links", body)).AssertStatus(201));

        Assert.EndsWith("T09:30:00.123Z", Text(data, "expiresAt"), StringComparison.Ordinal);
        Assert.Equal(Text(data, "expiresAt"), Text(await StandsAsync(World.Shop, Text(data, "id"), "OPEN"), "expiresAt"));
    }

    [Fact]
    public async Task UnknownLink_Is404AndAMalformedIdIs400()
    {
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Get, "status"), (HttpMethod.Post, "open"), (HttpMethod.Post, "cancel"), (HttpMethod.Post, "pay")])
        {
            (await World.Shop.SendAsync(method, $"/payment-links/{Guid.CreateVersion7()}/{path}", body: null)).AssertProblem(404);
            (await World.Shop.SendAsync(method, $"/payment-links/ABC12345/{path}", body: null)).AssertProblem(400);
        }
    }

    // The job comes every five minutes; whoever asks meanwhile must not hear that there is time.
    [Fact]
    [Trait("Acceptance", "29")]
    public async Task TimeIsOver_IsExpiredAtOnceAndCannotBePaid()
    {
        var (link, _) = await MakeAsync(World.Shop);
        var (draft, _) = await MakeAsync(World.Shop, Body(draft: true));

        await AgeLinkAsync(link, TimeSpan.FromDays(1));
        await AgeLinkAsync(draft, TimeSpan.FromDays(1));

        var data = Data((await StatusAsync(World.Shop, link)).AssertStatus(200));
        Assert.True(data.GetProperty("isExpired").GetBoolean());
        Assert.Equal("The time to pay is over", Text(data, "statusMessage"));
        (await TryPayAsync(World.Shop, link)).AssertProblem(409);
        (await World.Shop.PostAsync($"/payment-links/{draft}/open")).AssertProblem(409);
        await StandsAsync(World.Shop, draft, "DRAFT", "CREATED");
    }

    [Fact]
    [Trait("Acceptance", "61")]
    [Trait("Acceptance", "63")]
    public async Task Final_NothingMovesIt()
    {
        var (paid, _, _) = await PaidLinkAsync(World.Shop);
        var (expired, _) = await ExpiredLinkAsync(World.Shop);
        var (canceled, _) = await MakeAsync(World.Shop);
        Assert.Equal("CANCELED", Text(Data((await CancelAsync(World.Shop, canceled)).AssertStatus(200)), "lastEventType"));

        foreach (var (link, status) in ((string, string)[])[(paid, "PAID"), (expired, "EXPIRED"), (canceled, "CANCELED")])
        {
            var before = (await StatusAsync(World.Shop, link)).Text;

            (await World.Shop.PostAsync($"/payment-links/{link}/open")).AssertProblem(409);
            (await CancelAsync(World.Shop, link)).AssertProblem(409);
            (await TryPayAsync(World.Shop, link)).AssertProblem(409);
            await RunAsync(World.Shop, "expired-links");

            Assert.Equal(before, (await StatusAsync(World.Shop, link)).Text);
            await StandsAsync(World.Shop, link, status, status);
        }
    }

    [Fact]
    public async Task WhoNamesThePrice_NeedsTheKey_WhoPaysDoesNot()
    {
        await using var shop = await World.StartAsync(("Orders:ApiKey", ApiKey));
        var key = ("X-Api-Key", ApiKey);
        (await PostAsync(shop, "/payment-links", Body())).AssertProblem(401);
        var link = Text(Data((await PostAsync(shop, "/payment-links", Body(draft: true), key)).AssertStatus(201)), "id");

        (await shop.PostAsync($"/payment-links/{link}/open")).AssertProblem(401);
        (await shop.PostAsync($"/payment-links/{link}/open", body: null, key)).AssertStatus(200);
        (await CancelAsync(shop, link)).AssertProblem(401);
        await StandsAsync(shop, link, "OPEN");
        await PayAsync(shop, link);
        (await shop.PostAsync($"/payment-links/{link}/cancel", body: null, key)).AssertStatus(200);
    }

    [Fact]
    [Trait("Acceptance", "159")]
    [Trait("Acceptance", "160")]
    public async Task Limits_CountEachLinkByItself()
    {
        await using var shop = await World.StartAsync(("RateLimits:Polling", "2 / 1 min"), ("RateLimits:Api", "2 / 1 min"));
        var (link, _) = await MakeAsync(shop);
        var (other, _) = await MakeAsync(shop);
        for (var i = 0; i < 2; i++)
        {
            (await StatusAsync(shop, link)).AssertStatus(200);
            Assert.NotEqual(429, (await TryPayAsync(shop, link)).Status);
        }

        (await StatusAsync(shop, link)).AssertProblem(429).AssertRetryAfter();
        (await TryPayAsync(shop, link)).AssertProblem(429).AssertRetryAfter();
        (await StatusAsync(shop, other)).AssertStatus(200);
        (await TryPayAsync(shop, other)).AssertStatus(201);
    }

    [Fact]
    public async Task Limits_WhoeverGuessesCodes_IsCountedByAddress()
    {
        await using var shop = await World.StartAsync(("RateLimits:Api", "5 / 1 min"), ("RateLimits:Public", "5 / 1 min"));

        var statuses = new List<int>();
        for (var i = 0; i < 6; i++)
        {
            statuses.Add((await shop.PostAsync($"/pay/ABCDEFG{i + 2}", [])).Status);
            statuses.Add((await shop.GetAsync($"/pay/ABCDEFG{i + 2}")).Status);
        }

        Assert.Equal([429, 429], statuses[^2..]);
        Assert.DoesNotContain(429, statuses[..^2]);
    }

    private static string Text(JsonElement data, string name) => data.GetProperty(name).GetString()!;

    // Without the letters that are taken for digits, or for each other.
    [GeneratedRegex("^[0-9A-HJKMNP-TV-Z]{10}$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Instant();
}
