using System.Text;
using System.Text.Json;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.PayHero;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.PhonePe;

/// <summary>PhonePe's v1 API as far as a checkout needs it: the pay page, and its status.</summary>
internal static class PhonePeEndpoints
{
    private const string PayPath = "/pg/v1/pay";
    private static readonly TimeSpan CallbackFirstLimit = TimeSpan.FromSeconds(5);

    public static void MapPhonePe(this RouteGroupBuilder sandbox)
    {
        RouteGroupBuilder phonePe = sandbox.MapGroup("/phonepe");
        phonePe.MapPost(PayPath, PayAsync);
        phonePe.MapGet("/pg/v1/status/{merchant}/{id}", StatusAsync);
    }

    private static async Task<IResult> PayAsync(HttpContext context, PayDesk desk, PageRequests requests, IOptions<SandboxOptions> options, TimeProvider clock)
    {
        if (await ReadAsync(context) is not { } enclosed || !IsSigned(context.Request, enclosed + PayPath, options.Value))
            return Refused(401, "AUTHORIZATION_FAILED");
        if (Ask.Read(enclosed) is not { } ask)
            return Refused(400, "BAD_REQUEST");
        if (desk.Pages.Find(ask.Id) is not null)
            return Refused(400, "BAD_REQUEST");

        (PushScript script, string phone) = desk.ScriptFor(ask.Amount, requests.PageOf(ask.Amount, ask.Id));
        switch (script.Push)
        {
            case PushBehaviour.Down:
                return Refused(503, "INTERNAL_SERVER_ERROR");
            case PushBehaviour.Refuse:
                return Refused(400, "BAD_REQUEST");
        }

        PayPage page = desk.Pages.GetOrAdd(ask.Id, () => new PayPage
        {
            Provider = PayPage.PhonePe,
            Id = ask.Id,
            Reference = ask.Id,
            Amount = ask.Amount,
            Currency = "INR",
            MerchantId = ask.Merchant,
            ReturnUrl = ask.Return,
            CallbackUrl = ask.Callback,
            OpenedAt = clock.GetUtcNow(),
            Script = script,
            BuyerPhone = phone,
        }, out _);
        desk.Open(page);
        if (script.CallbackFirst)
            await page.CallbackOver.Task.WaitAsync(CallbackFirstLimit, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (script.Push == PushBehaviour.Slow)
            await Task.Delay(options.Value.SlowTime, clock, context.RequestAborted);
        if (script.Push == PushBehaviour.LoseAnswer)
        {
            context.Abort();
            return TypedResults.Empty;
        }

        return TypedResults.Bytes(PhonePeWire.Initiated(page, PageEndpoints.AddressOf(context.Request, page)), "application/json");
    }

    private static async Task<IResult> StatusAsync(HttpRequest request, string merchant, string id, PayDesk desk, IOptions<SandboxOptions> options, TimeProvider clock)
    {
        if (!IsSigned(request, $"/pg/v1/status/{merchant}/{id}", options.Value))
            return Refused(401, "AUTHORIZATION_FAILED");
        if (desk.Pages.Find(id) is not { } page || page.MerchantId != merchant)
            return Refused(404, "TRANSACTION_NOT_FOUND");
        DateTimeOffset now = clock.GetUtcNow();
        QueryFaults faults = page.Script.Query;
        switch (now - page.OpenedAt < faults.For ? faults.Behaviour : QueryBehaviour.Honest)
        {
            case QueryBehaviour.Down:
                return Refused(503, "INTERNAL_SERVER_ERROR");
            case QueryBehaviour.NotFound:
                return Refused(404, "TRANSACTION_NOT_FOUND");
            case QueryBehaviour.Slow:
                await Task.Delay(options.Value.SlowTime, clock, request.HttpContext.RequestAborted);
                break;

            // The status is what PhonePe itself decides by: it may know nothing yet, but it does not say FAILED of money.
            case QueryBehaviour.Queued or QueryBehaviour.Failed:
                return TypedResults.Bytes(PhonePeWire.Status(page, "PAYMENT_PENDING"), "application/json");
        }

        if (page.State is PageState.Failed or PageState.Cancelled or PageState.Expired)
            page.TellFailure(now);
        return TypedResults.Bytes(PhonePeWire.Status(page), "application/json");
    }

    private static bool IsSigned(HttpRequest request, string text, SandboxOptions options) =>
        request.Headers["X-VERIFY"] == PhonePeWire.Verify(text, options.PhonePeSaltKey, options.PhonePeSaltIndex);

    private static async Task<string?> ReadAsync(HttpContext context)
    {
        try
        {
            using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            return body.RootElement.TryGetProperty("request", out JsonElement enclosed) ? enclosed.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static ContentHttpResult Refused(int status, string code) => TypedResults.Text(Encoding.UTF8.GetString(PhonePeWire.Refusal(code)), "application/json", statusCode: status);

    /// <summary>What a pay page was asked for with.</summary>
    private sealed record Ask(string Merchant, string Id, long Amount, Uri Return, Uri? Callback)
    {
        /// <summary>Null when PhonePe would refuse it.</summary>
        public static Ask? Read(string enclosed)
        {
            try
            {
                using JsonDocument json = JsonDocument.Parse(Convert.FromBase64String(enclosed));
                JsonElement ask = json.RootElement;
                string id = ask.GetProperty("merchantTransactionId").GetString()!;
                long amount = ask.GetProperty("amount").GetInt64();
                bool good = id.Length is > 0 and < 35 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') && amount > 100;
                return good
                    ? new Ask(
                        ask.GetProperty("merchantId").GetString()!, id, amount, new Uri(ask.GetProperty("redirectUrl").GetString()!),
                        ask.TryGetProperty("callbackUrl", out JsonElement callback) ? new Uri(callback.GetString()!) : null)
                    : null;
            }
            catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentNullException)
            {
                return null;
            }
        }
    }
}
