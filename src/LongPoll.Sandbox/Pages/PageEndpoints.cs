using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using LongPoll.Sandbox.Phone;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Pages;

/// <summary>The pretend pay pages in the browser, and their buttons for scripts.</summary>
internal static class PageEndpoints
{
    private const string Style = """
        :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
        body { margin: 0; display: grid; place-items: center; min-height: 100vh; background: Canvas; color: CanvasText }
        main { width: min(22rem, 92vw); padding: 1.5rem; border: 1px solid color-mix(in srgb, CanvasText 25%, Canvas); border-radius: 12px }
        h1 { font-size: 1.1rem; margin: 0 0 .25rem } .amount { font-size: 2rem; font-weight: 600; margin: .5rem 0 }
        form { display: grid; gap: .6rem; margin-top: 1rem }
        button, a.back { font: inherit; padding: .7rem; border-radius: 8px; border: 1px solid #6366f1; background: transparent; color: inherit; text-align: center; text-decoration: none; cursor: pointer }
        button.main { background: #4f46e5; color: #fff } small { opacity: .75 }
        """;

    private static readonly string StyleHash = "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    public static void MapPages(this RouteGroupBuilder sandbox)
    {
        sandbox.MapGet("/pages", (PayPageStore pages) => TypedResults.Json<IReadOnlyList<PayPageView>>(
            [.. pages.All().Reverse().Select(PayPageView.Of)], SandboxJson.Default.IReadOnlyListPayPageView));
        sandbox.MapGet("/pages/{id}", Show);
        sandbox.MapPost("/pages/{id}", PressAsync);
        sandbox.MapPost("/pages/{id}/answer", AnswerAsync);
    }

    /// <summary>Where a page stands in the browser.</summary>
    public static Uri AddressOf(HttpRequest request, PayPage page) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{request.Scheme}://{request.Host}{request.PathBase}/sandbox/pages/{Uri.EscapeDataString(page.Id)}"));

    private static IResult Show(HttpResponse response, string id, PayPageStore pages, IOptions<SandboxOptions> options)
    {
        if (pages.Find(id) is not { } page)
            return TypedResults.Problem("There is no such page.", statusCode: 404);

        // After a button the browser is sent back to the shop, which may live elsewhere.
        string shop = page.ReturnUrl?.GetLeftPart(UriPartial.Authority) ?? "";
        response.Headers.ContentSecurityPolicy = $"default-src 'none'; style-src '{StyleHash}'; form-action 'self' {shop}; base-uri 'none'; frame-ancestors 'none'";
        response.Headers.CacheControl = "no-store";
        return TypedResults.Content(Write(page, options.Value.MerchantName), "text/html; charset=utf-8");
    }

    private static async Task<IResult> PressAsync(HttpRequest request, string id, PayDesk desk, IOptions<SandboxOptions> options)
    {
        if (desk.Pages.Find(id) is not { } page)
            return TypedResults.Problem("There is no such page.", statusCode: 404);
        IFormCollection form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        PromptAnswer answer = new(
            form["press"].ToString() switch
            {
                "pay" => PromptAction.Pin,
                "later" => PromptAction.Ignore,
                "decline" => PromptAction.InsufficientFunds,
                _ => PromptAction.Cancel,
            },
            options.Value.CallbackShape, TimeSpan.Zero, 1)
        {
            Faults = new Faults.CallbackFaults { LateSuccess = form["press"] == "later" ? TimeSpan.FromSeconds(5) : null },
        };
        desk.Act(page, answer);
        return page.ReturnUrl is { } back ? TypedResults.Redirect(back.AbsoluteUri) : TypedResults.Redirect(AddressOf(request, page).AbsoluteUri);
    }

    private static async Task<IResult> AnswerAsync(HttpRequest request, string id, PayDesk desk, IOptions<SandboxOptions> options)
    {
        AnswerRequest? answer = await SandboxJson.ReadAsync(request, SandboxJson.Default.AnswerRequest);
        if (answer is null || answer.Fault() is not null)
            return TypedResults.Problem("""Expected an answer as the phone takes it, such as {"action":"pin"}.""", statusCode: 400);
        if (desk.Pages.Find(id) is not { } page)
            return TypedResults.Problem("There is no such page.", statusCode: 404);
        return desk.Act(page, answer.ToAnswer(options.Value.CallbackShape))
            ? TypedResults.Json(PayPageView.Of(page), SandboxJson.Default.PayPageView, statusCode: 202)
            : TypedResults.Problem("This page is over.", statusCode: 409);
    }

    private static string Write(PayPage page, string merchant)
    {
        string name = page.Provider == PayPage.Stripe ? "Stripe" : "PhonePe";
        string amount = string.Create(CultureInfo.InvariantCulture, $"{page.Currency} {page.MajorAmount:0.00##}");
        string buttons = page.State != PageState.Open
            ? $"<p role=\"status\">This page is over: {page.State}.</p>"
            : $"""
              <form method="post">
                <button class="main" name="press" value="pay">Pay</button>
                <button name="press" value="later">Pay by bank, which takes a while</button>
                <button name="press" value="decline">The bank says no</button>
                <button name="press" value="cancel">Cancel and go back</button>
              </form>
              """;
        string back = page.ReturnUrl is { } shop ? $"<p><a class=\"back\" href=\"{WebUtility.HtmlEncode(shop.AbsoluteUri)}\">Back to the shop</a></p>" : "";
        return $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Pretend {name}</title><link rel="icon" href="data:,"><style>{Style}</style></head>
            <body><main><h1>Pretend {name}</h1><small>No money moves.</small>
            <p class="amount">{amount}</p><p>to {WebUtility.HtmlEncode(merchant)}<br><small>{WebUtility.HtmlEncode(page.Reference)}</small></p>
            {buttons}{back}</main></body></html>
            """;
    }
}

/// <summary>A page as scripts read it. <c>Amount</c> is minor units.</summary>
internal sealed record PayPageView(string Provider, string Id, string Reference, long Amount, string Currency, PageState State, string? TransactionId, Uri? CallbackUrl, DateTimeOffset OpenedAt)
{
    public static PayPageView Of(PayPage page) =>
        new(page.Provider, page.Id, page.Reference, page.Amount, page.Currency, page.State, page.TransactionId, page.CallbackUrl, page.OpenedAt);
}
