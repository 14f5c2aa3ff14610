using System.Globalization;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.PayHero;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Stripe;

/// <summary>Stripe's API as far as a checkout needs it: sessions made, read and closed.</summary>
internal static class StripeEndpoints
{
    private static readonly CodeSequence Sessions = new(12);
    private static readonly TimeSpan CallbackFirstLimit = TimeSpan.FromSeconds(5);

    /// <summary>A client that repeats itself three times at once has given up by then.</summary>
    private const int DownFor = 3;

    public static void MapStripe(this RouteGroupBuilder sandbox)
    {
        RouteGroupBuilder sessions = sandbox.MapGroup("/stripe/v1/checkout/sessions");
        sessions.MapPost("", OpenAsync);
        sessions.MapGet("/{id}", ReadAsync);
        sessions.MapPost("/{id}/expire", Close);
    }

    private static async Task<IResult> OpenAsync(HttpContext context, PayDesk desk, PageRequests requests, IOptions<SandboxOptions> options, TimeProvider clock)
    {
        if (!IsAuthorised(context.Request))
            return Error(401, "invalid_request_error", "api_key_missing");
        IFormCollection form = await context.Request.ReadFormAsync(context.RequestAborted);
        string key = context.Request.Headers["Idempotency-Key"].ToString();
        if (form["mode"] != "payment" || !long.TryParse(form["line_items[0][price_data][unit_amount]"], CultureInfo.InvariantCulture, out long amount) || amount < 1
            || form["line_items[0][price_data][currency]"].ToString() is not { Length: 3 } currency
            || !Uri.TryCreate(form["success_url"], UriKind.Absolute, out Uri? back))
        {
            return Error(400, "invalid_request_error", "parameter_missing");
        }

        key = key.Length == 0 ? Guid.NewGuid().ToString("N") : key;
        (PushScript script, string phone) = desk.ScriptFor(amount, requests.PageOf(amount, key));
        int request = requests.Count(key);
        switch (script.Push)
        {
            case PushBehaviour.Down when request <= DownFor:
                return Error(503, "api_error", "service_unavailable");
            case PushBehaviour.Refuse:
                return Error(400, "card_error", "account_closed");
        }

        string id = requests.IdFor(key, static () => "cs_test_" + Sessions.Next());
        PayPage page = desk.Pages.GetOrAdd(id, () => new PayPage
        {
            Provider = PayPage.Stripe,
            Id = id,
            Reference = form["client_reference_id"].ToString(),
            Amount = amount,
            Currency = currency.ToUpperInvariant(),
            Metadata = form.Where(f => f.Key.StartsWith("metadata[", StringComparison.Ordinal)).ToDictionary(f => f.Key[9..^1], f => f.Value.ToString(), StringComparer.Ordinal),
            ReturnUrl = back,
            CallbackUrl = options.Value.StripeWebhookUrl ?? new Uri(back, "/stripe/webhook"),
            OpenedAt = clock.GetUtcNow(),
            Script = script,
            BuyerPhone = phone,
        }, out bool added);
        if (added)
            desk.Open(page);

        if (script.CallbackFirst)
            await page.CallbackOver.Task.WaitAsync(CallbackFirstLimit, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (script.Push == PushBehaviour.Slow)
            await Task.Delay(options.Value.SlowTime, clock, context.RequestAborted);
        if (script.Push == PushBehaviour.LoseAnswer && request == 1)
        {
            context.Abort();
            return TypedResults.Empty;
        }

        return Session(context.Request, page);
    }

    private static async Task<IResult> ReadAsync(HttpRequest request, string id, PayDesk desk, IOptions<SandboxOptions> options, TimeProvider clock)
    {
        if (!IsAuthorised(request))
            return Error(401, "invalid_request_error", "api_key_missing");
        if (desk.Pages.Find(id) is not { } page)
            return Error(404, "invalid_request_error", "resource_missing");
        QueryFaults faults = page.Script.Query;
        if (clock.GetUtcNow() - page.OpenedAt < faults.For && faults.Behaviour != QueryBehaviour.Honest)
        {
            // Stripe does not lie: what is a lie elsewhere is an outage here.
            if (faults.Behaviour != QueryBehaviour.Slow)
                return Error(503, "api_error", "service_unavailable");
            await Task.Delay(options.Value.SlowTime, clock, request.HttpContext.RequestAborted);
        }

        if (page.State is PageState.Expired or PageState.Failed)
            page.TellFailure(clock.GetUtcNow());
        return Session(request, page);
    }

    private static IResult Close(HttpRequest request, string id, PayDesk desk, TimeProvider clock)
    {
        if (!IsAuthorised(request))
            return Error(401, "invalid_request_error", "api_key_missing");
        if (desk.Pages.Find(id) is not { } page)
            return Error(404, "invalid_request_error", "resource_missing");
        if (!desk.Expire(page))
            return Error(400, "invalid_request_error", "session_not_open");
        page.TellFailure(clock.GetUtcNow());
        return Session(request, page);
    }

    private static FileContentHttpResult Session(HttpRequest request, PayPage page) => TypedResults.Bytes(
        StripeWire.Session(page, PageEndpoints.AddressOf(request, page), expanded: request.Query["expand[]"].Contains("payment_intent")), "application/json");

    private static bool IsAuthorised(HttpRequest request) => request.Headers.Authorization.ToString().StartsWith("Bearer sk_", StringComparison.Ordinal);

    private static ContentHttpResult Error(int status, string type, string code) =>
        TypedResults.Text($$$"""{"error":{"type":"{{{type}}}","code":"{{{code}}}"}}""", "application/json", statusCode: status);
}
