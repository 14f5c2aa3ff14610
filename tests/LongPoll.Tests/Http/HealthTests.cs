using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Health, and what browsers and proxies are told.</summary>
public abstract class HealthTests(ServerWorld world)
{
    [Fact]
    public async Task Health_WorkingNode_IsReady()
    {
        Assert.Equal(200, (await world.Shop.GetAsync("/health/live")).Status);

        var ready = await world.Shop.GetAsync("/health/ready");

        Assert.Equal(200, ready.Status);
        Assert.Equal("ok", ready.Json.GetProperty("status").GetString());
    }

    [Theory]
    [InlineData("/orders/{0}", 200)]
    [InlineData("/orders/{0}/wait?since=0", 200)]
    [InlineData("/orders/{0}/wait?timeout=0", 400)]
    [InlineData("/orders/42", 400)]
    [InlineData("/orders/01890000-0000-7000-8000-000000000000/wait", 404)]
    [InlineData("/nothing", 404)]
    public async Task Cors_KnownOrigin_MayReadAnswersAndErrorsAndTheirHeaders(string path, int status)
    {
        await using var shop = await world.StartAsync(("Cors:Origins", "https://shop.example, https://www.shop.example"));
        var order = await shop.PlaceAsync();
        path = string.Format(System.Globalization.CultureInfo.InvariantCulture, path, order.Id);

        var answer = await shop.GetAsync(path, ("Origin", "https://www.shop.example"));

        Assert.Equal(status, answer.Status);
        Assert.Equal("https://www.shop.example", answer.Header("Access-Control-Allow-Origin"));
        var exposed = answer.Header("Access-Control-Expose-Headers")!.Split(',', StringSplitOptions.TrimEntries);
        Assert.Equal(
            ["ETag", "Location", "LongPoll-Ending", "Preference-Applied", "Retry-After", "Server-Timing"],
            exposed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Cors_UnknownOrigin_MayReadNothing()
    {
        await using var shop = await world.StartAsync(("Cors:Origins", "https://shop.example"));

        Assert.Null((await shop.GetAsync("/health/live", ("Origin", "https://elsewhere.example"))).Header("Access-Control-Allow-Origin"));
        Assert.Null((await world.Shop.GetAsync("/health/live", ("Origin", "https://shop.example"))).Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Cors_Preflight_IsAnswered()
    {
        await using var shop = await world.StartAsync(("Cors:Origins", "https://shop.example"));

        var answer = await shop.SendAsync(
            HttpMethod.Options, "/api/orders", body: null,
            ("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type, idempotency-key, authorization"));

        Assert.Equal(204, answer.Status);
        Assert.Contains("POST", answer.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Contains("idempotency-key", answer.Header("Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.0/8, 10.0.0.0/8", true)]
    [InlineData("10.0.0.1", false)]
    [InlineData(null, false)]
    public async Task ForwardedHeaders_AreTakenFromKnownProxiesOnly(string? known, bool taken)
    {
        // Some hosts set the framework's own switch, which takes them from anybody.
        await using var shop = await world.StartAsync(
            ("Proxies:Known", known), ("ForwardedHeaders_Enabled", "true"), ("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "Information"), ("Logging:Console:LogLevel:Default", "None"));
        using var log = LogCapture.On(shop);

        await shop.GetAsync("/health/live", ("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.9"));

        // The line about the end of a request names the scheme that the server took it for.
        await log.HasAsync("Request finished");
        Assert.Contains(log.Lines, l => l.Contains("Request finished", StringComparison.Ordinal) && l.Contains(taken ? "GET https://" : "GET http://", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Https_BehindAKnownProxy_EveryAnswerSaysToStayWithIt()
    {
        await using var shop = await world.StartAsync(("Proxies:Known", "127.0.0.1"));
        var order = await shop.PlaceAsync();

        foreach (var path in (string[])["/health/live", "/nothing", $"/orders/{order.Id}", $"/orders/{order.Id}/wait?timeout=1", $"/orders/{order.Id}/wait?timeout=0"])
        {
            Assert.Equal("max-age=31536000", (await shop.GetAsync(path, ("X-Forwarded-Proto", "https"))).Header("Strict-Transport-Security"));
            Assert.Null((await shop.GetAsync(path)).Header("Strict-Transport-Security"));
        }
    }
}
