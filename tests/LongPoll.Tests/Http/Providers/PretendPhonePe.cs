using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.PhonePe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LongPoll.Tests.Http.Providers;

/// <summary>PhonePe as a test wants it, with v1's callbacks or with v2's webhooks.</summary>
public sealed class PretendPhonePe : PretendProvider
{
    public const string Salt = "11111111-2222-3333-4444-555555555555";
    public const string Merchant = "TESTMERCHANT";
    public const string User = "hookuser";
    public const string Password = "hook-password";

    private readonly WebApplication _app;
    private readonly bool _v2;
    private readonly ConcurrentDictionary<string, PayPage> _pages = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte[]> _refunds = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _asked = new(StringComparer.Ordinal);

    private PretendPhonePe(bool v2)
    {
        _v2 = v2;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("/apis/pg/v1/pay", PayAsync);
        _app.MapGet("/apis/pg/v1/status/{merchant}/{id}", StatusAsync);
    }

    public override string Name => "phonepe";

    public override string Currency => "INR";

    public override bool IsBelieved => !_v2;

    // v1's signature is over what the JSON encloses: where there is no JSON there is nothing signed.
    public override int StatusOfGarbage => _v2 ? 400 : 401;

    public override IReadOnlyList<(string Key, string? Value)> Settings =>
    [
        ("PhonePe:BaseUrl", _app.Urls.First() + "/apis"), ("PhonePe:MerchantId", Merchant), ("PhonePe:SaltKey", $"{Salt},the-salt-before"), ("PhonePe:SaltIndex", "2,1"),
        ("PhonePe:WebhookUser", User), ("PhonePe:WebhookPassword", Password),
    ];

    public override IReadOnlyList<string> SecretKeys => ["PhonePe:SaltKey"];

    /// <summary>What was asked for, as it was enclosed.</summary>
    public ConcurrentQueue<JsonElement> Requests { get; } = [];

    /// <summary>Requests whose signature was wrong; there must be none.</summary>
    public int Refused { get; private set; }

    /// <summary>What a request for a page is answered instead; null lets it be.</summary>
    public Func<HttpContext, Task<bool>>? Instead { get; set; }

    public static async Task<PretendPhonePe> StartAsync(bool v2)
    {
        var phonePe = new PretendPhonePe(v2);
        await phonePe._app.StartAsync();
        return phonePe;
    }

    public PayPage PageOf(Placed order) => _pages.Values.Where(p => p.ReturnUrl!.AbsolutePath.EndsWith(order.Id, StringComparison.Ordinal)).MaxBy(p => p.Id, StringComparer.Ordinal)!;

    public PayPage As(Placed order, PageState state, string? transaction = null, int off = 0)
    {
        var page = PageOf(order);
        var copy = new PayPage
        {
            Provider = page.Provider,
            Id = page.Id,
            Reference = page.Reference,
            Amount = page.Amount,
            Currency = page.Currency,
            MerchantId = page.MerchantId,
            ReturnUrl = page.ReturnUrl,
            OpenedAt = page.OpenedAt,
        };
        copy.TryMove(PageState.Open, state, page.OpenedAt, transaction, page.Amount + (off * 100));
        return copy;
    }

    public Letter About(PayPage page) => _v2 ? Hook(PhonePeWire.Webhook(page)) : Callback(PhonePeWire.Status(page));

    public static Letter Callback(byte[] status, string salt = Salt, string index = "2") =>
        new("/phonepe/callback", PhonePeWire.Callback(status), ("X-VERIFY", PhonePeWire.Verify(status, salt, index)));

    public static Letter Hook(byte[] body, string password = Password) => new("/phonepe/callback", body, ("Authorization", PhonePeWire.Authorization(User, password)));

    public override Letter Paid(Placed order, string transaction, int off = 0) => About(As(order, PageState.Paid, transaction, off));

    public override Letter Failed(Placed order) => About(As(order, PageState.Failed));

    public override Letter Forged(Letter letter) => _v2
        ? Hook(letter.Body, "guessed")
        : letter with { Headers = [("X-VERIFY", PhonePeWire.Verify("whatever", Salt, "2"))] };

    public override Letter Altered(Placed order, string transaction)
    {
        if (_v2)
        {
            var hook = Paid(order, transaction);
            return hook with { Body = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(hook.Body).Replace("30000", "30001", StringComparison.Ordinal)) };
        }

        var status = PhonePeWire.Status(As(order, PageState.Paid, transaction));
        var altered = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(status).Replace("30000", "30001", StringComparison.Ordinal));
        return new("/phonepe/callback", PhonePeWire.Callback(altered), ("X-VERIFY", PhonePeWire.Verify(status, Salt, "2")));
    }

    public override Letter PaidUnknown()
    {
        var page = new PayPage { Provider = PayPage.PhonePe, Id = "NOBODYS-P1", Reference = "NOBODYS-P1", Amount = 30000, Currency = "INR", MerchantId = Merchant, OpenedAt = TimeProvider.System.GetUtcNow() };
        page.TryMove(PageState.Open, PageState.Paid, page.OpenedAt, "TNOBODYS");
        return About(page);
    }

    public override Letter Raw(byte[] body) => _v2 ? Hook(body) : new("/phonepe/callback", body, ("X-VERIFY", PhonePeWire.Verify("x", Salt, "2")));

    public override void Tell(Placed order, string? transaction, int off = 0) =>
        _pages[PageOf(order).Id] = transaction is null ? As(order, PageState.Failed) : As(order, PageState.Paid, transaction, off);

    public void TellRefund(Placed order, string refundId, long paise) => _refunds[refundId] = PhonePeWire.RefundStatus(PageOf(order), refundId, paise);

    public override int Asked(Placed order) => _asked.GetValueOrDefault(PageOf(order).Id);

    public override ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task PayAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body);
        var enclosed = body.RootElement.GetProperty("request").GetString()!;
        if (context.Request.Headers["X-VERIFY"] != PhonePeWire.Verify(enclosed + "/pg/v1/pay", Salt, "2"))
        {
            Refused++;
        }

        using var asked = JsonDocument.Parse(Convert.FromBase64String(enclosed));
        var request = asked.RootElement.Clone();
        Requests.Enqueue(request);
        if (Instead is { } instead && await instead(context))
        {
            return;
        }

        var page = new PayPage
        {
            Provider = PayPage.PhonePe,
            Id = request.GetProperty("merchantTransactionId").GetString()!,
            Reference = request.GetProperty("merchantTransactionId").GetString()!,
            Amount = request.GetProperty("amount").GetInt64(),
            Currency = "INR",
            MerchantId = request.GetProperty("merchantId").GetString(),
            ReturnUrl = new Uri(request.GetProperty("redirectUrl").GetString()!),
            OpenedAt = TimeProvider.System.GetUtcNow(),
        };
        _pages[page.Id] = page;
        await WriteAsync(context, PhonePeWire.Initiated(page, new Uri($"{_app.Urls.First()}/page/{page.Id}")));
    }

    private Task StatusAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        if (context.Request.Headers["X-VERIFY"] != PhonePeWire.Verify($"/pg/v1/status/{Merchant}/{id}", Salt, "2") || context.Request.Headers["X-MERCHANT-ID"] != Merchant)
        {
            Refused++;
        }

        _asked.AddOrUpdate(id, 1, (_, asked) => asked + 1);
        if (_refunds.TryGetValue(id, out var refund))
        {
            return WriteAsync(context, refund);
        }

        if (_pages.TryGetValue(id, out var page))
        {
            return WriteAsync(context, PhonePeWire.Status(page));
        }

        context.Response.StatusCode = 404;
        return WriteAsync(context, PhonePeWire.Refusal("TRANSACTION_NOT_FOUND"));
    }

    private static async Task WriteAsync(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(json);
    }
}
