using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using LongPoll.Sandbox.PayHero;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>One push that the till took, and what became of it.</summary>
internal sealed class TakenPush(PayHeroPush push)
{
    public PayHeroPush Push { get; } = push;

    /// <summary>What became of it, once something has.</summary>
    public PaymentOutcome? Outcome { get; set; }
}

/// <summary>How a callback was taken in the end.</summary>
/// <param name="Body">The body of the 200.</param>
/// <param name="At">When it came.</param>
/// <param name="Took">How long that last request took.</param>
/// <param name="Refusals">The answers before it; null for a connection that broke.</param>
internal sealed record Taken(JsonElement Body, long At, TimeSpan Took, IReadOnlyList<Refusal> Refusals);

/// <summary>An answer that made the till call again.</summary>
internal sealed record Refusal(HttpStatusCode? Status, bool HasRetryAfter);

/// <summary>
/// A PayHero of the tests: takes pushes, answers queries, and repeats its callbacks until they are taken, as a provider does.
/// Outlives the servers under test.
/// </summary>
internal sealed class Till : IAsyncDisposable
{
    private static readonly HttpClient Phone = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1000, ConnectTimeout = TimeSpan.FromSeconds(2) })
    {
        Timeout = TimeSpan.FromSeconds(30),
    };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, TakenPush> _byReference = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, TakenPush> _byOurs = new(StringComparer.Ordinal);
    private readonly WebApplication _app;
    private int _count;
    private int _queries;

    private Till()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/api/v2/payments", (Delegate)PushAsync);
        _app.MapGet("/api/v2/transaction-status", Status);
    }

    public Uri Address => new(_app.Urls.First());

    /// <summary>How often somebody asked what became of a push.</summary>
    public int Queries => _queries;

    /// <summary>What the till does before it answers a push that it has taken.</summary>
    public Func<TakenPush, Task>? Taking { get; set; }

    public static async Task<Till> StartAsync()
    {
        var till = new Till();
        await till._app.StartAsync();
        return till;
    }

    /// <summary>The push of the first attempt of this order; null when none came.</summary>
    public TakenPush? PushFor(string orderNumber) => _byOurs.GetValueOrDefault(orderNumber + "-P1");

    /// <summary>The buyer pays, and the till calls back, to the node given, until it is taken.</summary>
    public static Task<Taken> PayAsync(TakenPush taken, Func<Uri> node, TimeSpan pause = default, Action<Refusal>? refused = null)
    {
        taken.Outcome ??= PaymentOutcome.Success(TimeProvider.System.GetUtcNow());
        return TellAsync(taken, taken.Outcome, node, pause, refused);
    }

    /// <summary>The till says this about a push, to the node given, until it is taken.</summary>
    public static async Task<Taken> TellAsync(TakenPush taken, PaymentOutcome told, Func<Uri> node, TimeSpan pause = default, Action<Refusal>? refused = null)
    {
        var refusals = new List<Refusal>();
        var first = Stopwatch.GetTimestamp();
        while (true)
        {
            var began = Stopwatch.GetTimestamp();
            try
            {
                using var answer = await CallAsync(taken, told, node());
                var at = Stopwatch.GetTimestamp();
                if (answer.IsSuccessStatusCode)
                {
                    using var body = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync());
                    return new Taken(body.RootElement.Clone(), at, Stopwatch.GetElapsedTime(began, at), refusals);
                }

                refusals.Add(new Refusal(answer.StatusCode, answer.Headers.RetryAfter is not null));
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                refusals.Add(new Refusal(null, HasRetryAfter: false));
            }

            refused?.Invoke(refusals[^1]);
            Assert.True(Stopwatch.GetElapsedTime(first) < Patience, $"a callback was not taken in {Patience}: {string.Join(", ", refusals.TakeLast(5))}");
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Delay(pause == default ? TimeSpan.FromMilliseconds(50) : pause, TimeProvider.System);
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>One callback, as it goes over the wire, to a node's own address: the token of the push stands in the last part.</summary>
    public static async Task<HttpResponseMessage> CallAsync(TakenPush taken, PaymentOutcome told, Uri node)
    {
        var token = taken.Push.CallbackUrl!.Segments[^1];
        using var content = new ByteArrayContent(PayHeroWire.ShapeA(taken.Push, told));
        content.Headers.ContentType = new("application/json");
        return await Phone.PostAsync(new Uri(node, "/payhero/callback/" + token), content);
    }

    private async Task<IResult> PushAsync(HttpContext http)
    {
        using var json = await JsonDocument.ParseAsync(http.Request.Body);
        var body = json.RootElement;
        var number = Interlocked.Increment(ref _count);
        var taken = new TakenPush(new PayHeroPush
        {
            Reference = string.Create(CultureInfo.InvariantCulture, $"TILL{number:D8}"),
            CheckoutRequestId = string.Create(CultureInfo.InvariantCulture, $"ws_CO_{number:D20}"),
            MerchantRequestId = string.Create(CultureInfo.InvariantCulture, $"{number:D8}"),
            ExternalReference = body.GetProperty("external_reference").GetString()!,
            Amount = body.GetProperty("amount").GetInt64(),
            Phone = body.GetProperty("phone_number").GetString()!,
            ChannelId = 133,
            CallbackUrl = new Uri(body.GetProperty("callback_url").GetString()!),
            PushedAt = TimeProvider.System.GetUtcNow(),
        });

        // Two prompts for one attempt could collect twice.
        Assert.True(_byOurs.TryAdd(taken.Push.ExternalReference, taken), "a second push for one attempt");
        _byReference[taken.Push.Reference] = taken;
        if (Taking is { } taking)
        {
            await taking(taken);
        }

        return Results.Json(
            new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["success"] = true,
                ["status"] = "QUEUED",
                ["reference"] = taken.Push.Reference,
                ["CheckoutRequestID"] = taken.Push.CheckoutRequestId,
            },
            statusCode: StatusCodes.Status201Created);
    }

    private IResult Status(string reference)
    {
        Interlocked.Increment(ref _queries);
        return _byReference.TryGetValue(reference, out var taken)
            ? Results.Json(new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["status"] = taken.Outcome switch { null => "QUEUED", { Paid: true } => "SUCCESS", _ => "FAILED" },
                ["reference"] = reference,
                ["provider_reference"] = taken.Outcome?.Receipt ?? "",
            })
            : Results.NotFound();
    }
}
