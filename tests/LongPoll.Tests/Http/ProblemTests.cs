using System.Text;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Every error is a problem document, whichever part of the server it comes from.</summary>
public abstract class ProblemTests(ServerWorld world)
{
    private const string NoOrder = "01890000-0000-7000-8000-000000000000";

    [Theory]
    [InlineData("GET", "/nothing/here", 404)]
    [InlineData("GET", "/api/nothing/here", 404)]
    [InlineData("DELETE", "/orders", 405)]
    [InlineData("GET", "/payhero/callback", 405)]
    [InlineData("PUT", "/orders/" + NoOrder + "/wait", 405)]
    [InlineData("GET", "/orders/" + NoOrder, 404)]
    [InlineData("GET", "/orders/" + NoOrder + "/wait", 404)]
    [InlineData("GET", "/orders/" + NoOrder + "/events", 404)]
    [InlineData("POST", "/orders/" + NoOrder + "/verify", 404)]
    [InlineData("POST", "/orders/" + NoOrder + "/pay", 401)]
    [InlineData("GET", "/orders/42", 400)]
    [InlineData("GET", "/orders/42/wait", 400)]
    [InlineData("GET", "/orders/42/events", 400)]
    [InlineData("POST", "/orders/42/verify", 400)]
    [InlineData("POST", "/orders/42/pay", 400)]
    [InlineData("GET", "/orders/0189000000007000800000000000000g", 400)]
    [InlineData("GET", "/orders/01890000000070008000000000000000", 400)]
    [InlineData("GET", "/orders/%7B" + NoOrder + "%7D", 400)]
    [InlineData("GET", "/orders/%20" + NoOrder, 400)]
    [InlineData("GET", "/orders/" + NoOrder + "%0A/wait", 400)]
    public async Task Request_ThatCannotBeAnswered_IsAProblemDocument(string method, string path, int status) =>
        (await world.Shop.SendAsync(new HttpMethod(method), path, body: null)).AssertProblem(status);

    [Theory]
    [InlineData("/orders/42/events", 400)]
    [InlineData("/orders/42/wait", 400)]
    [InlineData("/orders/" + NoOrder + "/wait?timeout=0", 400)]
    [InlineData("/orders/" + NoOrder + "/wait", 404)]
    [InlineData("/orders/" + NoOrder + "/events", 404)]
    [InlineData("/nothing/here", 404)]
    public async Task Request_OfAClientThatAcceptsOnlyEvents_IsTheSameProblemDocument(string path, int status)
    {
        var events = (await world.Shop.GetAsync(path, ("Accept", "text/event-stream"))).AssertProblem(status).Json;

        var usual = (await world.Shop.GetAsync(path)).AssertProblem(status).Json;
        Assert.Equal(usual.EnumerateObject().Select(p => p.Name), events.EnumerateObject().Select(p => p.Name));
        foreach (var field in usual.EnumerateObject().Where(p => p.Name != "traceId"))
        {
            Assert.Equal(field.Value.GetRawText(), events.GetProperty(field.Name).GetRawText());
        }
    }

    [Fact]
    public async Task Events_RefusedAndAskedForTooOften_AreProblemDocuments()
    {
        await using var shop = await world.StartAsync(("LongPoll:RequireAccessToken", "true"), ("RateLimits:Polling", "1 / 1 min"));

        (await shop.GetAsync($"/orders/{NoOrder}/events", ("Accept", "text/event-stream"))).AssertProblem(401);
        (await shop.GetAsync($"/orders/{NoOrder}/events", ("Accept", "text/event-stream"))).AssertProblem(429).AssertRetryAfter();
    }

    [Fact]
    public async Task Request_WithAnOrderIdThatDoesNotExist_LeavesNoPlaceBehind()
    {
        (await world.Shop.GetAsync($"/orders/{NoOrder}/wait")).AssertProblem(404);

        await world.Shop.ParkedAsync(0);
    }

    [Theory]
    [InlineData("text/plain", 415)]
    [InlineData("application/x-www-form-urlencoded", 415)]
    [InlineData("application/json; charset=utf-8", 201)]
    public async Task CreateOrder_ContentType_MustBeJson(string type, int status)
    {
        var answer = await world.Shop.PostAsync("/orders", Encoding.UTF8.GetBytes(Shop.Body().ToJsonString()), ("Content-Type", type));

        if (status == 201)
        {
            Assert.Equal(201, answer.Status);
        }
        else
        {
            answer.AssertProblem(status);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CreateOrder_BodyOf100KiB_Is413(bool chunked)
    {
        var body = Shop.Body();
        body["event"]!["name"] = new string('x', 100 * 1024);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString())) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = chunked;

        // A length that is told beforehand is refused before the body is sent; else the refusal and the body could cross.
        request.Headers.ExpectContinue = !chunked;

        (await world.Shop.SendAsync(request)).AssertProblem(413);
    }

    [Fact]
    public async Task TraceId_OfTheCaller_IsInTheProblem()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";

        var answer = await world.Shop.GetAsync("/nothing", ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"));

        Assert.Contains(trace, answer.AssertProblem(404).Json.GetProperty("traceId").GetString(), StringComparison.Ordinal);
    }
}
