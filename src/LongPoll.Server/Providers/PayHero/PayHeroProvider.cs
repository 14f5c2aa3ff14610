using System.Text.Json;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace LongPoll.Server.Providers.PayHero;

/// <summary>M-PESA through PayHero: STK push, callback, transaction status.</summary>
internal sealed partial class PayHeroProvider(
    PayHeroClient client, PayHeroSecrets secrets, PayHeroAddresses addresses, IOptions<PayHeroOptions> options, ILogger<PayHeroProvider> logger) : IPaymentProvider
{
    public const string ProviderName = "payhero";

    // Safaricom's limit for one M-PESA transaction.
    private static readonly ChargeRules Shillings = new(Step: 1, Least: 1, Most: 250_000);

    public string Name => ProviderName;

    public bool Configured => options.Value.Configured && TakesCallbacks;

    public bool TakesCallbacks => options.Value.CallbackTokens.Count > 0;

    public AskRules AskRules => new(First: TimeSpan.FromSeconds(30), Longest: TimeSpan.FromMinutes(10), options.Value.PromptHorizon);

    public IReadOnlyList<CallbackRoute> CallbackRoutes { get; } =
    [
        new(
            "/payhero/callback", "PayHeroCallback", "The result of an M-PESA prompt, from PayHero. The secret stands in ?token= or in the path.",
            PayHeroSamples.Body, new ReadsParameter("token", ParameterLocation.Query, "PayHero:CallbackToken, or the token of one attempt.")),
        new(
            "/payhero/callback/{token}", "PayHeroCallbackWithToken", "The result of an M-PESA prompt, from PayHero, at the address that was sent with the push.",
            PayHeroSamples.Body, new ReadsParameter("token", ParameterLocation.Path, "The token of one attempt, or PayHero:CallbackToken.")),
    ];

    public ChargeRules? RulesFor(string currency) => currency == "KES" ? Shillings : null;

    public async Task<PaymentReport> StartAsync(Charge charge, CancellationToken cancel)
    {
        var attempt = charge.Attempt;
        var push = new PushRequest(
            (long)attempt.Amount.Major,
            charge.Phone,
            options.Value.ChannelId ?? 0,
            "m-pesa",
            attempt.Reference,
            charge.CustomerName,
            addresses.Callback(secrets.For(attempt.AttemptId)));
        var report = Report(attempt, ReportSource.Push, ReportedOutcome.Unanswered) with { Reason = Reasons.ProviderDown };
        var (outcome, answer, problem) = await client.PushAsync(push, cancel);
        switch (outcome)
        {
            case PushOutcome.Accepted:
                LogPushAccepted(logger, attempt.OrderId, attempt.Number);
                return report with
                {
                    Outcome = ReportedOutcome.Accepted,
                    Reason = null,
                    Clues = report.Clues with
                    {
                        ProviderReference = answer!.Reference,
                        CheckoutDigest = PayHeroCallback.CheckoutDigest(answer.CheckoutRequestID),
                    },
                };

            case PushOutcome.NotSent:
                LogPushFailed(logger, attempt.OrderId, attempt.Number, "not sent", problem);
                return report with { Outcome = ReportedOutcome.Refused };

            case PushOutcome.Refused:
                LogPushFailed(logger, attempt.OrderId, attempt.Number, "refused", problem);
                return report with { Outcome = ReportedOutcome.Refused, Reason = Reasons.ProviderError, Code = problem };

            default:
                LogPushFailed(logger, attempt.OrderId, attempt.Number, "no answer, the prompt may be out", problem);
                return report;
        }
    }

    public bool Admits(string? token, IHeaderDictionary headers) => secrets.Accept(token, out _);

    public bool Accepts(CallbackRequest request, out Guid? attemptId) => secrets.Accept(request.Token, out attemptId);

    public CallbackReading Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            // Some senders put a byte order mark in front; it is no part of the JSON.
            using var json = JsonDocument.Parse(body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body);
            return PayHeroCallback.Read(json.RootElement) is { } report
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
        // Only PayHero's own reference finds a transaction; ours is answered NOT_FOUND.
        if (attempt.ProviderReference is not { } reference || await client.QueryAsync(reference, cancel) is not { } status)
        {
            return null;
        }

        var outcome = status.Status?.ToUpperInvariant() switch
        {
            "SUCCESS" => ReportedOutcome.Paid,
            "FAILED" => ReportedOutcome.Failed,
            "QUEUED" => ReportedOutcome.Pending,
            _ => (ReportedOutcome?)null,
        };
        return outcome is null ? null : Report(attempt, source, outcome.Value) with
        {
            TransactionId = outcome == ReportedOutcome.Paid && !string.IsNullOrWhiteSpace(status.ProviderReference) ? status.ProviderReference.Trim() : null,
            Reason = outcome == ReportedOutcome.Failed ? Reasons.ProviderError : null,
            Code = status.Status,

            // M-PESA's query has said FAILED of payments whose callback said 0 and whose money had moved.
            Doubtful = outcome == ReportedOutcome.Failed,
        };
    }

    private static PaymentReport Report(Attempt attempt, ReportSource source, ReportedOutcome outcome) => new()
    {
        Provider = ProviderName,
        Source = source,
        Outcome = outcome,
        Clues = new AttemptClues { AttemptId = attempt.AttemptId },
    };

    [LoggerMessage(300, LogLevel.Information, "STK push accepted for order {OrderId}, attempt {Attempt}")]
    private static partial void LogPushAccepted(ILogger logger, Guid orderId, int attempt);

    [LoggerMessage(301, LogLevel.Warning, "STK push failed for order {OrderId}, attempt {Attempt}: {What} ({Problem})")]
    private static partial void LogPushFailed(ILogger logger, Guid orderId, int attempt, string what, string? problem);
}
