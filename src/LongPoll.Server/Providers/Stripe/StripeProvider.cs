using System.Text.Json;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace LongPoll.Server.Providers.Stripe;

/// <summary>Cards and more through Stripe: a Checkout Session per attempt, signed events, the session read for verification.</summary>
internal sealed partial class StripeProvider(StripeClient client, IOptions<StripeOptions> options, TimeProvider clock, ILogger<StripeProvider> logger) : IPaymentProvider
{
    public const string ProviderName = "stripe";

    /// <summary>Its own answer is still on its way until then, with all its repetitions.</summary>
    private static readonly TimeSpan StartLasts = TimeSpan.FromSeconds(20);

    /// <summary>An idempotency key is good for at least a day; a session that nobody got the address of lives no longer.</summary>
    private static readonly TimeSpan KeyLasts = TimeSpan.FromHours(23);

    public string Name => ProviderName;

    public bool Configured => !string.IsNullOrEmpty(options.Value.SecretKey) && TakesCallbacks;

    public bool TakesCallbacks => options.Value.WebhookSecrets.Count > 0;

    // A session tells its end itself, but methods that take days may be days on their way.
    public AskRules AskRules { get; } = new(First: TimeSpan.FromSeconds(30), Longest: TimeSpan.FromMinutes(30), Horizon: TimeSpan.FromDays(30))
    {
        CanAsk = static attempt => attempt.ProviderReference is not null || attempt.State == AttemptState.Created,
    };

    public IReadOnlyList<CallbackRoute> CallbackRoutes { get; } =
    [
        new(
            "/stripe/webhook", "StripeWebhook", "An event of Stripe's, signed with Stripe:WebhookSecret.",
            StripeSamples.Body, new ReadsParameter("Stripe-Signature", ParameterLocation.Header, "t=<unix>,v1=<hex>: HMAC-SHA256 over the time, a dot and the body.")),
    ];

    public ChargeRules? RulesFor(string currency) => StripeAmounts.RulesFor(currency);

    public async Task<PaymentReport> StartAsync(Charge charge, CancellationToken cancel)
    {
        var attempt = charge.Attempt;
        var answer = await client.OpenAsync(attempt, cancel);
        if (Opened(attempt, answer, ReportSource.Push) is { } opened)
        {
            LogOpened(logger, attempt.OrderId, attempt.Number);
            return opened;
        }

        LogNotOpened(logger, attempt.OrderId, attempt.Number, answer.Outcome, Problem(answer));
        var report = Report(attempt, ReportSource.Push, ReportedOutcome.Unanswered) with { Reason = Reasons.ProviderDown };
        return answer.Outcome switch
        {
            CallOutcome.NotSent => report with { Outcome = ReportedOutcome.Refused },
            CallOutcome.Refused => report with { Outcome = ReportedOutcome.Refused, Reason = Reasons.ProviderError, Code = Problem(answer) },
            _ => report,
        };
    }

    public bool Admits(string? token, IHeaderDictionary headers) => StripeSignature.Read(headers["Stripe-Signature"], clock.GetUtcNow()) is not null;

    public bool Accepts(CallbackRequest request, out Guid? attemptId)
    {
        // A signature covers whatever attempt the event names.
        attemptId = null;
        return StripeSignature.Read(request.Headers["Stripe-Signature"], clock.GetUtcNow())?.IsGoodFor(request.Body.Span, options.Value.WebhookSecrets) == true;
    }

    public CallbackReading Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return ProviderJson.Parse(body) is { } json && StripeObjects.ReadEvent(json) is { } report
                ? new(CallbackVerdict.Understood, report)
                : new(CallbackVerdict.Irrelevant);
        }
        catch (JsonException)
        {
            return new(CallbackVerdict.Unreadable);
        }
    }

    public async Task<PaymentReport?> QueryAsync(Attempt attempt, ReportSource source, CancellationToken cancel)
    {
        if (attempt.ProviderReference is not { } session)
        {
            return await AskForAnswerAsync(attempt, source, cancel);
        }

        var answer = await client.ReadAsync(session, cancel);
        if (answer.Outcome != CallOutcome.Answered)
        {
            LogNoAnswer(logger, attempt.OrderId, attempt.Number, Problem(answer));
            return null;
        }

        return About(attempt, StripeObjects.ReadSession(answer.Body!.Value, source, type: null));
    }

    public async Task<PaymentReport?> CloseAsync(Attempt attempt, CancellationToken cancel)
    {
        if (attempt.ProviderReference is not { } session)
        {
            return attempt.State == AttemptState.Created ? NeverShown(attempt) : null;
        }

        // Whoever is a moment late finds it paid: only an open session can be closed, and an error says that it is none.
        var closed = await client.CloseAsync(session, cancel);
        return closed.Outcome == CallOutcome.Answered
            ? About(attempt, StripeObjects.ReadSession(closed.Body!.Value, ReportSource.Query, type: null))
            : await QueryAsync(attempt, ReportSource.Query, cancel);
    }

    // The answer to making the session was lost. Making it again gives the same one, and its address.
    private async Task<PaymentReport?> AskForAnswerAsync(Attempt attempt, ReportSource source, CancellationToken cancel)
    {
        var age = clock.GetUtcNow().UtcDateTime - attempt.CreatedAt;
        if (attempt.State != AttemptState.Created || age < StartLasts)
        {
            return null;
        }

        if (age > KeyLasts)
        {
            return NeverShown(attempt);
        }

        var answer = await client.OpenAsync(attempt, cancel);
        return answer.Outcome == CallOutcome.Refused
            ? Report(attempt, source, ReportedOutcome.Refused) with { Reason = Reasons.ProviderError, Code = Problem(answer) }
            : Opened(attempt, answer, source);
    }

    // What nobody got the address of cannot be paid.
    private static PaymentReport NeverShown(Attempt attempt) =>
        Report(attempt, ReportSource.Expiry, ReportedOutcome.Expired) with { Reason = Reasons.OrderExpired, Code = "never_shown" };

    private static PaymentReport? Opened(Attempt attempt, CallAnswer answer, ReportSource source)
    {
        if (answer is not { Outcome: CallOutcome.Answered, Body: { } session } || session.Id("id") is not { } id || Page(session) is not { } page)
        {
            return null;
        }

        var report = Report(attempt, source, ReportedOutcome.Accepted);
        return report with { CheckoutUrl = page, Clues = report.Clues with { ProviderReference = id } };
    }

    private static string? Page(JsonElement session) =>
        session.TryGetProperty("url", out var url) && url.ValueKind == JsonValueKind.String
            && Uri.TryCreate(url.GetString(), UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
            ? page.AbsoluteUri
            : null;

    /// <summary>Stripe was asked about this very attempt, whatever reference its answer repeats.</summary>
    private static PaymentReport About(Attempt attempt, PaymentReport report) => report with { Clues = report.Clues with { AttemptId = attempt.AttemptId } };

    private static PaymentReport Report(Attempt attempt, ReportSource source, ReportedOutcome outcome) => new()
    {
        Provider = ProviderName,
        Source = source,
        Outcome = outcome,
        Clues = new AttemptClues { AttemptId = attempt.AttemptId },
    };

    // Stripe's codes are fixed words; its messages may repeat what was sent.
    private static string? Problem(CallAnswer answer) =>
        answer.Body?.Object("error") is { } error && (error.Id("code") ?? error.Id("type")) is { } code ? $"{answer.Problem} {code}" : answer.Problem ?? "no session in the answer";

    [LoggerMessage(320, LogLevel.Information, "Checkout Session opened for order {OrderId}, attempt {Attempt}")]
    private static partial void LogOpened(ILogger logger, Guid orderId, int attempt);

    [LoggerMessage(321, LogLevel.Warning, "No Checkout Session for order {OrderId}, attempt {Attempt}: {Outcome} ({Problem})")]
    private static partial void LogNotOpened(ILogger logger, Guid orderId, int attempt, CallOutcome outcome, string? problem);

    [LoggerMessage(322, LogLevel.Warning, "Stripe gave no answer about order {OrderId}, attempt {Attempt}: {Problem}")]
    private static partial void LogNoAnswer(ILogger logger, Guid orderId, int attempt, string? problem);
}
