using System.Text.Json;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace LongPoll.Server.Providers.PhonePe;

/// <summary>UPI and cards in India through PhonePe: pay page, v1 callback or v2 webhook, status on the schedule that PhonePe prescribes.</summary>
internal sealed partial class PhonePeProvider(
    PhonePeClient client, PhonePeSecrets secrets, IOptions<PhonePeOptions> options, PaymentMetrics metrics, TimeProvider clock, ILogger<PhonePeProvider> logger)
    : IPaymentProvider
{
    public const string ProviderName = "phonepe";

    private const string VerifyHeader = "X-VERIFY";

    /// <summary>Asked every few seconds, PhonePe may say the same many times: one call for a person in this time is enough.</summary>
    private static readonly TimeSpan AlarmEvery = TimeSpan.FromMinutes(5);

    // More than 100 paise; five lakh is what UPI takes at most.
    private static readonly ChargeRules Rupees = new(Step: 0.01m, Least: 1.01m, Most: 500_000);

    private long _alarmedAt;

    public string Name => ProviderName;

    public bool Configured => !string.IsNullOrEmpty(options.Value.MerchantId) && options.Value.Salts.Count > 0;

    public bool TakesCallbacks => Configured;

    // PhonePe's own schedule for payments that no callback tells of: 20 minutes, and a bank may be later than that. What it calls
    // pending is not over, and its page cannot be taken back; so only its word ends an attempt, or a day of waiting for it.
    // It knows payments by the id that we gave.
    public AskRules AskRules { get; } = new(First: TimeSpan.FromSeconds(22), Longest: TimeSpan.FromMinutes(10), Horizon: AskRules.AfterTheEnd)
    {
        CanAsk = static attempt => attempt.ProviderReference is not null || attempt.CanStillSucceed,
        Steps =
        [
            (TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(30)),
            (TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(60)),
            (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)),
            (TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60)),
            (TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(968)),
        ],
    };

    public IReadOnlyList<CallbackRoute> CallbackRoutes { get; } =
    [
        new(
            "/phonepe/callback", "PhonePeCallback", "The result of a payment, from PhonePe: v1's callback or v2's webhook.",
            PhonePeSamples.Body,
            new ReadsParameter(VerifyHeader, ParameterLocation.Header, "v1: SHA-256 of the base64 text and the salt key, ###, the salt's index."),
            new ReadsParameter("Authorization", ParameterLocation.Header, "v2: SHA-256 of PhonePe:WebhookUser, a colon and PhonePe:WebhookPassword.")),
    ];

    public ChargeRules? RulesFor(string currency) => currency == "INR" ? Rupees : null;

    public async Task<PaymentReport> StartAsync(Charge charge, CancellationToken cancel)
    {
        var attempt = charge.Attempt;
        var answer = await client.PayAsync(charge, cancel);
        if (answer is { Outcome: CallOutcome.Answered, Body: { } body })
        {
            if (Page(body) is { } page)
            {
                LogPage(logger, attempt.OrderId, attempt.Number);
                var opened = Report(attempt, ReportSource.Push, ReportedOutcome.Accepted);
                return opened with { CheckoutUrl = page, Clues = opened.Clues with { ProviderReference = attempt.Reference } };
            }

            if (body.TryGetProperty("success", out var success) && success.ValueKind == JsonValueKind.False)
            {
                answer = answer with { Outcome = CallOutcome.Refused };
            }
        }

        LogNoPage(logger, attempt.OrderId, attempt.Number, answer.Outcome, Problem(answer));
        var report = Report(attempt, ReportSource.Push, ReportedOutcome.Unanswered) with { Reason = Reasons.ProviderDown };
        return answer.Outcome switch
        {
            CallOutcome.NotSent => report with { Outcome = ReportedOutcome.Refused },
            CallOutcome.Refused => report with { Outcome = ReportedOutcome.Refused, Reason = Reasons.ProviderError, Code = answer.Body?.Id("code") ?? answer.Problem },
            _ => report,
        };
    }

    public bool Admits(string? token, IHeaderDictionary headers) =>
        secrets.MayBeSigned(headers[VerifyHeader]) || secrets.IsAuthorized(headers.Authorization);

    public bool Accepts(CallbackRequest request, out Guid? attemptId)
    {
        attemptId = null;
        var enclosed = Enclosed(request.Body);

        // The words of v1 are believed, so they need v1's signature; whoever has v2's password alone must not speak them.
        return enclosed is not null
            ? secrets.IsSigned(request.Headers[VerifyHeader], enclosed)
            : secrets.IsAuthorized(request.Headers.Authorization);
    }

    public CallbackReading Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (ProviderJson.Parse(body) is not { } json)
            {
                return new(CallbackVerdict.Irrelevant);
            }

            var report = PhonePeMessages.Enclosed(json) is { } enclosed
                ? PhonePeMessages.Open(enclosed) is { } answer ? PhonePeMessages.ReadAnswer(answer, options.Value.MerchantId, ReportSource.Callback) : null
                : PhonePeMessages.ReadWebhook(json, options.Value.MerchantId);
            return report is null ? new(CallbackVerdict.Irrelevant) : new(CallbackVerdict.Understood, report);
        }
        catch (JsonException)
        {
            return new(CallbackVerdict.Unreadable);
        }
    }

    public async Task<PaymentReport?> QueryAsync(Attempt attempt, ReportSource source, CancellationToken cancel)
    {
        var answer = await client.StatusAsync(attempt.Reference, cancel);
        if (answer.Body is not { } body || !PhonePeCodes.IsAnswer(body.Text("code")) || PhonePeMessages.ReadAnswer(body, options.Value.MerchantId, source) is not { } report)
        {
            NoAnswer(attempt, answer);
            return null;
        }

        // PhonePe was asked about this very attempt, whatever its answer repeats.
        return report with { Clues = new AttemptClues { AttemptId = attempt.AttemptId, Reference = report.Clues.Reference } };
    }

    public async Task<PaymentReport?> QueryRefundAsync(Attempt attempt, string refundId, CancellationToken cancel) =>
        await client.StatusAsync(refundId, cancel) is { Outcome: CallOutcome.Answered, Body: { } body }
            ? PhonePeMessages.ReadRefundAnswer(body, options.Value.MerchantId, attempt, refundId)
            : null;

    // A pay page cannot be taken back. One that nobody got the address of cannot be paid.
    public Task<PaymentReport?> CloseAsync(Attempt attempt, CancellationToken cancel) => Task.FromResult(attempt.State == AttemptState.Created
        ? Report(attempt, ReportSource.Expiry, ReportedOutcome.Expired) with { Reason = Reasons.OrderExpired, Code = "never_shown" }
        : null);

    private void NoAnswer(Attempt attempt, CallAnswer answer)
    {
        var code = answer.Body?.Text("code");
        LogNoAnswer(logger, attempt.OrderId, attempt.Number, Problem(answer));

        // Of a payment whose page was never made PhonePe rightly knows nothing.
        var expected = code == PhonePeCodes.NotFound && attempt.ProviderReference is null;
        if (code is null || expected || !PhonePeCodes.IsOurFault(code))
        {
            return;
        }

        var (now, before) = (clock.GetTimestamp(), Volatile.Read(ref _alarmedAt));
        if ((before == 0 || clock.GetElapsedTime(before, now) >= AlarmEvery) && Interlocked.CompareExchange(ref _alarmedAt, now, before) == before)
        {
            LogOurFault(logger, attempt.OrderId, code);
            metrics.Alarm("phonepe_refuses_query");
        }
    }

    private static string? Enclosed(ReadOnlyMemory<byte> body)
    {
        try
        {
            return ProviderJson.Parse(body) is { } json ? PhonePeMessages.Enclosed(json) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Page(JsonElement body) =>
        body.Object("data")?.Object("instrumentResponse")?.Object("redirectInfo") is { } redirect
            && redirect.TryGetProperty("url", out var url) && url.ValueKind == JsonValueKind.String
            && Uri.TryCreate(url.GetString(), UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
            ? page.AbsoluteUri
            : null;

    private static PaymentReport Report(Attempt attempt, ReportSource source, ReportedOutcome outcome) => new()
    {
        Provider = ProviderName,
        Source = source,
        Outcome = outcome,
        Clues = new AttemptClues { AttemptId = attempt.AttemptId },
    };

    // Codes are fixed words; messages may repeat what was sent.
    private static string? Problem(CallAnswer answer) => answer.Body?.Id("code") is { } code ? $"{answer.Problem} {code}".Trim() : answer.Problem;

    [LoggerMessage(330, LogLevel.Information, "Pay page opened for order {OrderId}, attempt {Attempt}")]
    private static partial void LogPage(ILogger logger, Guid orderId, int attempt);

    [LoggerMessage(331, LogLevel.Warning, "No pay page for order {OrderId}, attempt {Attempt}: {Outcome} ({Problem})")]
    private static partial void LogNoPage(ILogger logger, Guid orderId, int attempt, CallOutcome outcome, string? problem);

    [LoggerMessage(332, LogLevel.Warning, "PhonePe gave no answer about order {OrderId}, attempt {Attempt}: {Problem}")]
    private static partial void LogNoAnswer(ILogger logger, Guid orderId, int attempt, string? problem);

    [LoggerMessage(333, LogLevel.Error, "ALARM PhonePe does not know or not allow what it is asked: order {OrderId}, {Code}")]
    private static partial void LogOurFault(ILogger logger, Guid orderId, string code);
}
