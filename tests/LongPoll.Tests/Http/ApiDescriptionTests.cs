using System.Text.Json;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The OpenAPI document: what somebody who knows nothing else needs to call the service.</summary>
public sealed class ApiDescriptionTests(SqliteWorld world) : IClassFixture<SqliteWorld>
{
    [Fact]
    public async Task OpenApi_Document_ListsEveryPathOnce()
    {
        var answer = await world.Shop.GetAsync("/openapi/v1.json");

        Assert.Equal(200, answer.Status);
        Assert.StartsWith("3.", answer.Json.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var paths = answer.Json.GetProperty("paths");
        foreach (var (path, method) in ((string, string)[])
            [
                ("/orders", "post"), ("/orders/{id}", "get"), ("/orders/{id}/wait", "get"), ("/orders/{id}/events", "get"),
                ("/orders/{id}/pay", "post"), ("/orders/{id}/verify", "post"), ("/payhero/callback", "post"),
                ("/payhero/callback/{token}", "post"), ("/health/live", "get"), ("/health/ready", "get"),
                ("/admin/money-inbox", "get"), ("/admin/money-inbox/{id}/attach", "post"), ("/admin/money-inbox/{id}/dismiss", "post"),
                ("/payment-links", "post"), ("/payment-links/{id}/status", "get"), ("/payment-links/{id}/open", "post"),
                ("/payment-links/{id}/pay", "post"), ("/payment-links/{id}/cancel", "post"),
            ])
        {
            var operation = paths.GetProperty(path).GetProperty(method);
            Assert.False(string.IsNullOrEmpty(operation.GetProperty("summary").GetString()), path);
            Assert.Contains(operation.GetProperty("responses").EnumerateObject(), r => r.Name[0] == '2');
        }

        Assert.DoesNotContain(paths.EnumerateObject(), p => p.Name.StartsWith("/api", StringComparison.Ordinal) || p.Name.StartsWith("/sandbox", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OpenApi_Document_DescribesViewAndOrder()
    {
        var schemas = (await world.Shop.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas");

        var order = await world.Shop.PlaceAsync();
        var described = schemas.GetProperty("OrderView").GetProperty("properties").EnumerateObject().Select(p => p.Name);
        Assert.Equal((await world.Shop.ReadAsync(order)).Json.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
        Assert.Equal(JsonValueKind.Object, schemas.GetProperty("CreateOrderRequest").GetProperty("properties").GetProperty("items").ValueKind);
    }

    [Fact]
    public async Task Docs_Page_Answers()
    {
        var page = await world.Shop.GetAsync("/docs/index.html");

        Assert.Equal(200, page.Status);
        Assert.Equal("text/html", page.ContentHeaders.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/orders", "post", "Idempotency-Key")]
    [InlineData("/payment-links/{id}/pay", "post", "Idempotency-Key")]
    [InlineData("/orders/{id}", "get", "If-None-Match")]
    [InlineData("/orders/{id}/wait", "get", "Prefer")]
    [InlineData("/orders/{id}/events", "get", "Last-Event-ID")]
    public async Task OpenApi_Operation_ListsTheHeadersThatItReads(string path, string method, string header)
    {
        var parameters = (await OperationAsync(path, method)).GetProperty("parameters").EnumerateArray();

        var described = Assert.Single(parameters, p => p.GetProperty("name").GetString() == header);
        Assert.Equal("header", described.GetProperty("in").GetString());
        Assert.False(string.IsNullOrEmpty(described.GetProperty("description").GetString()));
    }

    [Theory]
    [InlineData("/orders", "post", "apiKey", false)]
    [InlineData("/orders/{id}", "get", "accessToken", false)]
    [InlineData("/orders/{id}/wait", "get", "accessTokenInQuery", false)]
    [InlineData("/orders/{id}/pay", "post", "accessToken", true)]
    [InlineData("/admin/money-inbox", "get", "adminKey", true)]
    [InlineData("/jobs/{name}", "post", "cronSecret", true)]
    [InlineData("/payment-links", "post", "apiKey", false)]
    [InlineData("/payment-links/{id}/cancel", "post", "apiKey", false)]
    [InlineData("/admin/money-inbox/{id}/attach", "post", "adminKey", true)]
    public async Task OpenApi_Operation_NamesItsKeyAndWhetherItMayBeLeftOut(string path, string method, string scheme, bool needed)
    {
        var schemes = (await DocumentAsync()).GetProperty("components").GetProperty("securitySchemes");
        var choices = (await OperationAsync(path, method)).GetProperty("security").EnumerateArray().Select(c => c.EnumerateObject().Select(s => s.Name).ToArray()).ToArray();

        Assert.Contains(choices, c => c is [var one] && one == scheme);
        Assert.Equal(needed, !choices.Any(c => c.Length == 0));
        Assert.All(choices.SelectMany(c => c), name => Assert.True(schemes.TryGetProperty(name, out _), name));
    }

    [Theory]
    [InlineData("/payhero/callback", "query")]
    [InlineData("/payhero/callback/{token}", "path")]
    public async Task OpenApi_Callback_DescribesItsSecretAndItsBody(string path, string place)
    {
        var operation = await OperationAsync(path, "post");

        var token = Assert.Single(operation.GetProperty("parameters").EnumerateArray());
        Assert.Equal(("token", place), (token.GetProperty("name").GetString(), token.GetProperty("in").GetString()));
        var samples = operation.GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("examples");
        Assert.Equal(3, samples.EnumerateObject().Count());

        // The samples are callbacks: the service reads each as a report about an attempt that does not exist.
        foreach (var sample in samples.EnumerateObject())
        {
            var answer = await world.Shop.PostAsync($"/payhero/callback/{ServerWorld.CallbackToken}", JsonSerializer.SerializeToUtf8Bytes(sample.Value.GetProperty("value")));
            answer.AssertResult("unmatched");
        }
    }

    private async Task<JsonElement> DocumentAsync() => (await world.Shop.GetAsync("/openapi/v1.json")).AssertStatus(200).Json;

    private async Task<JsonElement> OperationAsync(string path, string method) => (await DocumentAsync()).GetProperty("paths").GetProperty(path).GetProperty(method);
}
