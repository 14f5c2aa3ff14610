using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using LongPoll.Sandbox.PayHero;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>An order as its buyer got it.</summary>
public sealed record Placed(string Id, string Token, string Phone, Answer Answer);

/// <summary>One node, and verbs for what a shop, a payment page and PayHero do with it. Everything goes over HTTP.</summary>
public sealed class Shop(ServerNode node, FakePayHero payHero) : IAsyncDisposable
{
    private static int _phones = 10_000_000;

    public ServerNode Node => node;

    public FakePayHero PayHero => payHero;

    /// <summary>A phone that no other test uses, in the form in which it is stored.</summary>
    public static string NewPhone() => string.Create(CultureInfo.InvariantCulture, $"2547{Interlocked.Increment(ref _phones)}");

    /// <summary>An order that nothing is wrong with: 300 shillings.</summary>
    public static JsonObject Body(string? phone = null) => new()
    {
        ["event"] = new JsonObject { ["id"] = "jazz-1", ["name"] = "Jazz by the lake", ["venue"] = "Kisumu", ["timeZone"] = "Africa/Nairobi", ["startsAt"] = "2027-01-15T18:00:00Z" },
        ["customer"] = new JsonObject { ["email"] = "test.buyer@example.com", ["firstName"] = "Test", ["lastName"] = "Buyer", ["country"] = "KE", ["phone"] = phone ?? NewPhone() },
        ["items"] = new JsonArray(new JsonObject { ["name"] = "Regular", ["quantity"] = 2, ["unitPrice"] = 150 }),
        ["currency"] = "KES",
    };

    public async Task<Placed> PlaceAsync(string? phone = null)
    {
        phone ??= NewPhone();
        var answer = await CreateAsync(Body(phone));
        Assert.True(answer.Status == 201, answer.Text);
        return new Placed(answer.Json.GetProperty("orderId").GetString()!, answer.Json.GetProperty("accessToken").GetString()!, phone, answer);
    }

    public Task<Answer> CreateAsync(JsonNode body, params (string Name, string Value)[] headers) =>
        PostAsync("/orders", Encoding.UTF8.GetBytes(body.ToJsonString()), headers);

    /// <summary>The parts of the running server.</summary>
    internal IServiceProvider Services => node.Services;

    public Task<Answer> PostAsync(string path, byte[]? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(HttpMethod.Post, path, body, headers);

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, body: null, headers);

    public Task<Answer> ReadAsync(Placed order) => GetAsync($"/orders/{order.Id}");

    public Task<Answer> WaitAsync(Placed order, string query = "timeout=30", params (string Name, string Value)[] headers) =>
        GetAsync($"/orders/{order.Id}/wait?{query}", headers);

    /// <summary>Try again, with the order's token.</summary>
    public Task<Answer> PayAsync(Placed order) => PostAsync($"/orders/{order.Id}/pay", body: null, ("Authorization", "Bearer " + order.Token));

    /// <summary>The newest push for this order.</summary>
    public PayHeroPush Push(Placed order) => payHero.PushesTo(order.Phone)[^1];

    /// <summary>Posts a callback to the address that came with the push, on this node.</summary>
    public Task<Answer> CallbackAsync(PayHeroPush push, byte[] body) => PostAsync(push.CallbackUrl!.PathAndQuery, body);

    /// <summary>PayHero tells, in its captured shape, how the newest push of this order ended.</summary>
    public Task<Answer> TellAsync(Placed order, PaymentOutcome outcome) => CallbackAsync(Push(order), PayHeroWire.ShapeA(Push(order), outcome));

    /// <summary>The buyer pays. Gives the receipt.</summary>
    public async Task<string> PaidAsync(Placed order)
    {
        var outcome = Paid();
        (await TellAsync(order, outcome)).AssertResult("applied");
        return outcome.Receipt!;
    }

    public static PaymentOutcome Paid() => PaymentOutcome.Success(TimeProvider.System.GetUtcNow());

    public static PaymentOutcome Cancelled() => PaymentOutcome.Cancelled(TimeProvider.System.GetUtcNow());

    public static PaymentOutcome Failed(int code, string description) => new(code, description, Receipt: null, TimeProvider.System.GetUtcNow());

    /// <summary>
    /// Until this many requests are parked on this node. The one look inside: from outside, a request that is about to
    /// read cannot be told from one that has read and waits.
    /// </summary>
    public Task ParkedAsync(int count)
    {
        var waiters = node.Services.GetRequiredService<Waiters>();
        return Until.ValueAsync(() => Task.FromResult((waiters.Count, waiters.Armed)), seen => seen == (count, count));
    }

    public async Task<Answer> SendAsync(HttpMethod method, string path, byte[]? body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type")
            {
                request.Content!.Headers.ContentType = value.Length == 0 ? null : MediaTypeHeaderValue.Parse(value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return await SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await node.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        return new Answer((int)response.StatusCode, response.Headers, response.Content.Headers, bytes);
    }

    public ValueTask DisposeAsync() => node.DisposeAsync();
}
