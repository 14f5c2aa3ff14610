using System.Text;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Who may create an order, read one, and try again.</summary>
public abstract class OrderAccessTests(ServerWorld world)
{
    private const string ApiKey = "shop-key-0123456789-0123456789-0123";

    private static readonly (string, string?)[] Production =
    [
        ("Security:Key", "security-key-0123456789-0123456789"),
        ("Admin:Key", "admin-key-0123456789-0123456789-01"),
        ("Jobs:CronSecret", "cron-secret-0123456789-0123456789"),
        ("PublicUrl", "https://shop.example"),
    ];

    [Fact]
    public async Task CreateOrder_InProduction_NeedsTheApiKey()
    {
        await using var shop = await world.StartAsync("Production", [.. Production, ("Orders:ApiKey", ApiKey)]);
        var phone = Shop.NewPhone();
        var body = Shop.Body(phone);

        (await shop.CreateAsync(body)).AssertProblem(401);
        (await shop.CreateAsync(body, ("X-Api-Key", "wrong"))).AssertProblem(401);
        (await shop.CreateAsync(body, ("X-Api-Key", ""))).AssertProblem(401);
        Assert.Empty(world.PayHero.PushesTo(phone));
        Assert.Equal(201, (await shop.CreateAsync(body, ("X-Api-Key", ApiKey))).Status);
        Assert.StartsWith("https://shop.example/payhero/callback/", Assert.Single(world.PayHero.PushesTo(phone)).CallbackUrl!.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateOrder_BrowsersTrusted_NeedsNoKey()
    {
        await using var shop = await world.StartAsync("Production", [.. Production, ("Orders:TrustBrowserPrices", "true")]);

        Assert.Equal(201, (await shop.CreateAsync(Shop.Body())).Status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/sandbox")]
    public async Task Production_HasNeitherDemoNorSandbox(string path)
    {
        await using var shop = await world.StartAsync("Production", [.. Production, ("Orders:ApiKey", ApiKey)]);

        (await shop.GetAsync(path)).AssertProblem(404);
    }

    [Fact]
    public async Task Read_AccessTokenRequired_OpensOnlyWithTheOrdersToken()
    {
        await using var shop = await world.StartAsync(("LongPoll:RequireAccessToken", "true"));
        var order = await shop.PlaceAsync();
        var other = await shop.PlaceAsync();
        (HttpMethod Method, string Path)[] reads =
        [
            (HttpMethod.Get, ""), (HttpMethod.Get, "/wait?since=0"), (HttpMethod.Get, "/events"), (HttpMethod.Post, "/verify"),
        ];

        foreach (var (method, path) in reads)
        {
            var url = $"/orders/{order.Id}{path}";
            (await shop.SendAsync(method, url, body: null)).AssertProblem(401);
            (await shop.SendAsync(method, url, body: null, ("Authorization", "Bearer " + other.Token))).AssertProblem(401);
            (await shop.SendAsync(method, url, body: null, ("Authorization", "Bearer"))).AssertProblem(401);
            (await shop.SendAsync(method, url, body: null, ("Authorization", "Basic " + order.Token))).AssertProblem(401);
        }

        await shop.PaidAsync(order);
        foreach (var (method, path) in reads)
        {
            var url = $"/orders/{order.Id}{path}";
            Assert.Equal(200, (await shop.SendAsync(method, url, body: null, ("Authorization", "Bearer " + order.Token))).Status);
            Assert.Equal(200, (await shop.SendAsync(method, url + (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "access_token=" + order.Token, body: null)).Status);
        }
    }

    // Endpoint filters run after the body was bound: a stranger with broken JSON was told about the JSON.
    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("{\"reason\":5}")]
    public async Task Stranger_WithAnyBody_Is401BeforeTheBodyIsRead(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        await using var shop = await world.StartAsync("Production", [.. Production, ("Orders:ApiKey", ApiKey)]);
        var order = await world.Shop.PlaceAsync();

        foreach (var path in (string[])["/orders", $"/orders/{order.Id}/pay", $"/admin/money-inbox/{order.Id}/attach", $"/admin/money-inbox/{order.Id}/dismiss"])
        {
            (await shop.PostAsync(path, bytes)).AssertProblem(401);
        }

        (await shop.PostAsync("/orders", bytes, ("X-Api-Key", ApiKey))).AssertProblem(400);
        (await shop.PostAsync($"/admin/money-inbox/{order.Id}/attach", bytes, ("X-Admin-Key", "admin-key-0123456789-0123456789-01"))).AssertProblem(400);
    }

    [Fact]
    public async Task Stranger_WhoseBodyNeverComes_Is401AtOnce()
    {
        await using var shop = await world.StartAsync("Production", [.. Production, ("Orders:ApiKey", ApiKey)]);

        foreach (var path in (string[])["/orders", $"/admin/money-inbox/{Guid.CreateVersion7()}/attach"])
        {
            Assert.Equal("HTTP/1.1 401 Unauthorized", await HeadAlone.PostAsync(shop.Node.Address, path, length: 1000));
            Assert.Equal("HTTP/1.1 401 Unauthorized", await HeadAlone.PostAsync(shop.Node.Address, path, length: 10_000_000));
        }
    }

    [Fact]
    public async Task Pay_WrongOrMissingToken_Is401AndSendsNoPrompt()
    {
        var order = await world.Shop.PlaceAsync();
        var other = await world.Shop.PlaceAsync();
        await world.Shop.TellAsync(order, Shop.Cancelled());

        (await world.Shop.PostAsync($"/orders/{order.Id}/pay")).AssertProblem(401);
        (await world.Shop.PostAsync($"/orders/{order.Id}/pay", body: null, ("Authorization", "Bearer " + other.Token))).AssertProblem(401);
        (await world.Shop.PostAsync($"/orders/{order.Id}/pay", body: null, ("Authorization", "Bearer " + order.Token + "x"))).AssertProblem(401);
        (await world.Shop.PostAsync($"/orders/{order.Id}/pay?access_token=nonsense")).AssertProblem(401);

        Assert.Single(world.PayHero.PushesTo(order.Phone));
        (await world.Shop.PostAsync($"/orders/{order.Id}/pay?access_token={order.Token}")).AssertView("processing");
    }
}
