using System.Text.Json.Serialization;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Callbacks;

/// <summary>What a provider is answered. <paramref name="Result"/> is one of the words of <see cref="SettlementResult"/>.</summary>
public sealed record CallbackAnswer(
    string Result,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Guid? OrderId = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? BookingReference = null);

/// <summary>Raw bytes → the provider verifies and reads them → the door → the answer. A 2xx means that it is committed.</summary>
internal sealed partial class ReceiveCallback(
    PaymentProviders providers, SettlePayment settle, IOrderStore store, TimeProvider clock, ILogger<ReceiveCallback> logger)
{
    /// <summary>False for a caller that is not the provider, as far as the head of its request tells.</summary>
    public bool Admits(string provider, string? token, IHeaderDictionary headers)
    {
        LogReceived(logger, provider.ToUpperInvariant());
        if (providers.Get(provider).Admits(token, headers))
        {
            return true;
        }

        LogRefused(logger, provider);
        return false;
    }

    /// <summary>The answer, or the verdict that stands in its way.</summary>
    public async Task<(CallbackVerdict Verdict, CallbackAnswer? Answer)> HandleAsync(string provider, CallbackRequest request, CancellationToken cancel)
    {
        if (!providers.Get(provider).Accepts(request, out var attemptId))
        {
            LogRefused(logger, provider);
            return (CallbackVerdict.Refused, null);
        }

        var reading = providers.Get(provider).Read(request.Body);
        var raw = new RawCallback(Guid.CreateVersion7(), provider, request.Body, clock.GetUtcTimestamp());
        switch (reading.Verdict)
        {
            case CallbackVerdict.Unreadable:
                await store.KeepCallbackAsync(raw, "unreadable", cancel);
                return (reading.Verdict, null);

            case CallbackVerdict.Irrelevant:
                await store.KeepCallbackAsync(raw, Names.Of(SettlementResult.Ignored), cancel);
                return (reading.Verdict, new CallbackAnswer(Names.Of(SettlementResult.Ignored)));
        }

        var report = reading.Report!;
        var settlement = await settle.HandleAsync(report with { Raw = raw, Clues = report.Clues with { AttemptId = attemptId ?? report.Clues.AttemptId } }, cancel);
        LogAnswered(logger, provider, Names.Of(settlement.Result), settlement.Current?.OrderId);
        return (reading.Verdict, new CallbackAnswer(Names.Of(settlement.Result), settlement.Current?.OrderId, settlement.Current?.BookingReference));
    }

    [LoggerMessage(400, LogLevel.Information, "{Provider} Callback received")]
    private static partial void LogReceived(ILogger logger, string provider);

    [LoggerMessage(401, LogLevel.Warning, "{Provider} callback refused: wrong secret or signature")]
    private static partial void LogRefused(ILogger logger, string provider);

    [LoggerMessage(402, LogLevel.Information, "{Provider} callback: {Result} (order {OrderId})")]
    private static partial void LogAnswered(ILogger logger, string provider, string result, Guid? orderId);
}
