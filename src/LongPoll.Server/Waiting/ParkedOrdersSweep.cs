using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>
/// Looks at the database for those whose messages may be getting lost: once a second, in one query however many are
/// parked. With a bus that works there is nothing to ask about.
/// </summary>
internal sealed partial class ParkedOrdersSweep(Waiters waiters, IOrderStore store, TimeProvider clock, ILogger<ParkedOrdersSweep> logger)
    : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.NextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // What was asked about is asked again: the bus is still in doubt, or everything is looked at once more.
                waiters.MayHaveMissed();
                LogSweepFailed(logger, e.GetType().Name);
            }
        }
    }

    internal async Task SweepAsync(CancellationToken cancel)
    {
        if (waiters.TakeDoubtful() is { Count: > 0 } doubtful)
        {
            foreach (var order in await store.FindNewerAsync(doubtful, cancel))
            {
                waiters.Deliver(OrderSnapshot.Of(order));
            }
        }
    }

    [LoggerMessage(620, LogLevel.Warning, "Parked orders could not be looked at: {Error}")]
    private static partial void LogSweepFailed(ILogger logger, string error);
}
