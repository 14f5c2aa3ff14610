using System.Collections.Concurrent;
using System.Text;
using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.Stripe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LongPoll.Tests.Http.Providers;

/// <summary>A request for a session: its fields and its key.</summary>
public sealed record SessionRequest(IReadOnlyDictionary<string, string> Fields, string IdempotencyKey, string Authorization);

/// <summary>Stripe as a test wants it: sessions by idempotency key, and what becomes of each is told by the test.</summary>
public sealed class PretendStripe : PretendProvider
{
    public const string Secret = "whsec_0123456789abcdef";

    private static int _sessions;

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, PayPage> _byKey = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, PayPage> _byId = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);

    private PretendStripe()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/v1/checkout/sessions", OpenAsync);
        _app.MapGet("/v1/checkout/sessions/{id}", ReadAsync);
        _app.MapPost("/v1/checkout/sessions/{id}/expire", CloseAsync);
    }

    public override string Name => "stripe";

    public override string Currency => "KES";

    public override string OtherCurrency => "XXX";

    public override IReadOnlyList<(string Key, string? Value)> Settings =>
        [("Stripe:BaseUrl", _app.Urls.First()), ("Stripe:SecretKey", "sk_test_1"), ("Stripe:WebhookSecret", "whsec_before_it_was_rolled," + Secret)];

    public override IReadOnlyList<string> SecretKeys => ["Stripe:WebhookSecret"];

    /// <summary>Every request for a session, replays included.</summary>
    public ConcurrentQueue<SessionRequest> Requests { get; } = [];

    /// <summary>What a request for a session is answered instead; null lets it be.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    public static async Task<PretendStripe> StartAsync()
    {
        var stripe = new PretendStripe();
        await stripe._app.StartAsync();
        return stripe;
    }

    public PayPage PageOf(Placed order) => _byId.Values.Where(p => p.Metadata["order_id"] == order.Id).MaxBy(p => p.Reference, StringComparer.Ordinal)!;

    public static Letter Seal(byte[] body, string secret = Secret, TimeSpan age = default) =>
        new("/stripe/webhook", body, ("Stripe-Signature", StripeWire.Sign(body, secret, TimeProvider.System.GetUtcNow() - age)));

    /// <summary>The session as it would stand.</summary>
    public PayPage As(Placed order, PageState state, string? transaction = null, int off = 0, string? currency = null)
    {
        var page = PageOf(order);
        var copy = new PayPage
        {
            Provider = page.Provider,
            Id = page.Id,
            Reference = page.Reference,
            Amount = page.Amount,
            Currency = currency ?? page.Currency,
            Metadata = page.Metadata,
            OpenedAt = page.OpenedAt,
        };
        copy.TryMove(PageState.Open, state, page.OpenedAt, transaction, page.Amount + (off * 100));
        return copy;
    }

    public override Letter Paid(Placed order, string transaction, int off = 0) => Seal(StripeWire.Event(StripeWire.Completed, As(order, PageState.Paid, transaction, off)));

    public override Letter Failed(Placed order) => Seal(StripeWire.Event(StripeWire.AsyncFailed, As(order, PageState.Failed)));

    public override Letter Forged(Letter letter) => Seal(letter.Body, "whsec_somebody_elses_");

    public override Letter Altered(Placed order, string transaction)
    {
        var letter = Paid(order, transaction);
        var text = Encoding.UTF8.GetString(letter.Body);
        return letter with { Body = Encoding.UTF8.GetBytes(text.Replace("\"amount_total\":30000", "\"amount_total\":30001", StringComparison.Ordinal)) };
    }

    public override Letter PaidUnknown()
    {
        var page = new PayPage { Provider = PayPage.Stripe, Id = "cs_test_nobodys", Reference = "NOBODYS-P1", Amount = 30000, Currency = "KES", OpenedAt = TimeProvider.System.GetUtcNow() };
        page.TryMove(PageState.Open, PageState.Paid, page.OpenedAt, "pi_nobodys");
        return Seal(StripeWire.Event(StripeWire.Completed, page));
    }

    public override Letter Raw(byte[] body) => Seal(body);

    public override void Tell(Placed order, string? transaction, int off = 0)
    {
        var page = PageOf(order);
        _byId[page.Id] = transaction is null ? As(order, PageState.Failed) : As(order, PageState.Paid, transaction, off);
    }

    public void Tell(Placed order, PageState state) => _byId[PageOf(order).Id] = As(order, state);

    public override int Asked(Placed order) => _asked.GetValueOrDefault(PageOf(order).Id);

    public override ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task OpenAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var request = new SessionRequest(
            form.ToDictionary(f => f.Key, f => f.Value.ToString(), StringComparer.Ordinal), context.Request.Headers["Idempotency-Key"].ToString(), context.Request.Headers.Authorization.ToString());
        Requests.Enqueue(request);
        if (Instead is { } instead && await instead(context))
        {
            return;
        }

        var page = _byKey.GetOrAdd(request.IdempotencyKey, _ => new PayPage
        {
            Provider = PayPage.Stripe,
            Id = $"cs_test_{Interlocked.Increment(ref _sessions):D8}",
            Reference = request.Fields["client_reference_id"],
            Amount = long.Parse(request.Fields["line_items[0][price_data][unit_amount]"], System.Globalization.CultureInfo.InvariantCulture),
            Currency = request.Fields["line_items[0][price_data][currency]"].ToUpperInvariant(),
            Metadata = request.Fields.Where(f => f.Key.StartsWith("metadata[", StringComparison.Ordinal)).ToDictionary(f => f.Key[9..^1], f => f.Value, StringComparer.Ordinal),
            OpenedAt = TimeProvider.System.GetUtcNow(),
        });
        _byId.TryAdd(page.Id, page);
        await WriteAsync(context, page);
    }

    private async Task ReadAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        _asked.AddOrUpdate(id, 1, (_, asked) => asked + 1);
        if (_byId.TryGetValue(id, out var page))
        {
            await WriteAsync(context, page);
        }
        else
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("""{"error":{"code":"resource_missing","type":"invalid_request_error"}}""");
        }
    }

    private async Task CloseAsync(HttpContext context)
    {
        var page = _byId[(string)context.Request.RouteValues["id"]!];
        if (page.TryMove(PageState.Open, PageState.Expired, TimeProvider.System.GetUtcNow()))
        {
            await WriteAsync(context, page);
            return;
        }

        context.Response.StatusCode = 400;
        await context.Response.WriteAsync("""{"error":{"type":"invalid_request_error"}}""");
    }

    private async Task WriteAsync(HttpContext context, PayPage page)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(StripeWire.Session(page, new Uri($"{_app.Urls.First()}/pay/{page.Id}"), expanded: context.Request.Query.ContainsKey("expand[]")));
    }
}
