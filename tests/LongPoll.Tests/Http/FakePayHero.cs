using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using LongPoll.Sandbox.PayHero;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LongPoll.Tests.Http;

/// <summary>
/// PayHero as a test wants it: what becomes of a push is told by phone, what a status query hears by PayHero's reference,
/// and both are counted. It never calls back by itself: the tests do.
/// </summary>
public sealed class FakePayHero : IAsyncDisposable
{
    // Of all pretend PayHeros together: several may stand before one database, and no two transactions share an id.
    private static long _count;

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task<bool>>> _pushes = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Func<HttpContext, Task>> _queries = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<PayHeroPush> _received = new();

    private FakePayHero()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/api/v2/payments", TakePushAsync);
        _app.MapGet("/api/v2/transaction-status", TakeQueryAsync);
    }

    public string Url => _app.Urls.First();

    public static async Task<FakePayHero> StartAsync()
    {
        var fake = new FakePayHero();
        await fake._app.StartAsync();
        return fake;
    }

    /// <summary>The pushes to a phone, oldest first, whatever became of them.</summary>
    public IReadOnlyList<PayHeroPush> PushesTo(string phone) => [.. _received.Where(p => p.Phone == phone)];

    /// <summary>The first push to a phone, as soon as it is there; its answer may still be held back.</summary>
    public async Task<PayHeroPush> PushToAsync(string phone) =>
        (await Until.ValueAsync(() => Task.FromResult(PushesTo(phone)), pushes => pushes.Count > 0))[0];

    /// <summary>How often the status of a push was asked for.</summary>
    public int Asked(PayHeroPush push) => _asked.GetValueOrDefault(push.Reference);

    /// <summary>Pushes to this phone are answered with this status and body instead of being accepted.</summary>
    public void Answer(string phone, int status, string body) => _pushes[phone] = async context =>
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body);
        return false;
    };

    /// <summary>The prompt is out, but the connection breaks before the answer.</summary>
    public void LoseAnswer(string phone) => _pushes[phone] = context =>
    {
        context.Abort();
        return Task.FromResult(false);
    };

    /// <summary>The prompt is out, but the answer waits until the returned source is completed.</summary>
    public TaskCompletionSource HoldAnswer(string phone)
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _pushes[phone] = async context =>
        {
            await gate.Task.WaitAsync(context.RequestAborted);
            return true;
        };
        return gate;
    }

    /// <summary>What the status query says of a push: QUEUED, SUCCESS, FAILED or another word. Until told it is unknown: 404.</summary>
    public void Tell(PayHeroPush push, string status, string? receipt = null, Task? after = null) => _queries[push.Reference] = async context =>
    {
        await (after ?? Task.CompletedTask);
        await context.Response.WriteAsync(JsonSerializer.Serialize(new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["transaction_date"] = "2026-11-20T10:15:40Z",
            ["provider"] = "m-pesa",
            ["success"] = status == "SUCCESS",
            ["payment_reference"] = push.ExternalReference,
            ["status"] = status,
            ["reference"] = push.Reference,
            ["CheckoutRequestID"] = push.CheckoutRequestId,
            ["provider_reference"] = receipt ?? "",
        }));
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakePushAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var number = Interlocked.Increment(ref _count);
        var json = body.RootElement;
        var push = new PayHeroPush
        {
            Reference = string.Create(CultureInfo.InvariantCulture, $"REF{number:D7}"),
            CheckoutRequestId = string.Create(CultureInfo.InvariantCulture, $"ws_CO_20112026101500{number:D6}"),
            MerchantRequestId = string.Create(CultureInfo.InvariantCulture, $"ab12-{number:D6}-9e"),
            ExternalReference = json.GetProperty("external_reference").GetString()!,
            Amount = json.GetProperty("amount").GetInt64(),
            Phone = json.GetProperty("phone_number").GetString()!,
            ChannelId = json.GetProperty("channel_id").GetInt64(),
            CustomerName = json.GetProperty("customer_name").GetString(),
            CallbackUrl = new Uri(json.GetProperty("callback_url").GetString()!),
            PushedAt = TimeProvider.System.GetUtcNow(),
        };
        _received.Enqueue(push);
        if (!_pushes.TryGetValue(push.Phone, out var behave) || await behave(context))
        {
            context.Response.StatusCode = 201;
            await context.Response.WriteAsync(JsonSerializer.Serialize(new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["success"] = true,
                ["status"] = "QUEUED",
                ["reference"] = push.Reference,
                ["CheckoutRequestID"] = push.CheckoutRequestId,
            }));
        }
    }

    private Task TakeQueryAsync(HttpContext context)
    {
        var reference = context.Request.Query["reference"].ToString();
        _asked.AddOrUpdate(reference, 1, (_, asked) => asked + 1);
        if (_queries.TryGetValue(reference, out var answer))
        {
            return answer(context);
        }

        context.Response.StatusCode = 404;
        return context.Response.WriteAsync("""{"error_code":"NOT_FOUND","error_message":"transaction not found"}""");
    }
}
