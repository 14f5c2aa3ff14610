using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Callbacks;

/// <summary>
/// A callback can overtake the answer to the push that brings its ids. It is kept, and taken through the door
/// as soon as an attempt fits it, for a day.
/// </summary>
internal sealed partial class MatchCallbacks(
    IOrderStore store, PaymentProviders providers, SettlePayment settle, TimeProvider clock, ILogger<MatchCallbacks> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan For = TimeSpan.FromHours(24);
    private const int AtOnce = 100;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.NextTickAsync(stoppingToken))
        {
            try
            {
                foreach (var raw in await store.FindMatchableCallbacksAsync(clock.GetUtcTimestamp() - For, AtOnce, stoppingToken))
                {
                    if (providers.Get(raw.Provider).Read(raw.Body).Report is { } report)
                    {
                        var settlement = await settle.HandleAsync(report with { Raw = raw }, stoppingToken);
                        LogMatched(logger, raw.Provider, Names.Of(settlement.Result), settlement.Current?.OrderId);
                    }
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(logger, e.GetType().Name);
            }
        }
    }

    [LoggerMessage(410, LogLevel.Information, "An early {Provider} callback found its attempt: {Result} (order {OrderId})")]
    private static partial void LogMatched(ILogger logger, string provider, string result, Guid? orderId);

    [LoggerMessage(411, LogLevel.Warning, "Early callbacks could not be matched: {Error}")]
    private static partial void LogSweepFailed(ILogger logger, string error);
}
