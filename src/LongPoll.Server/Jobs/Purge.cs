using LongPoll.Server.Payments;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Jobs;

/// <summary>Section <c>Retention</c>.</summary>
internal sealed class RetentionOptions
{
    /// <summary>How long raw callbacks are kept: with the customers they are the only place of personal data.</summary>
    public TimeSpan Callbacks { get; set; } = TimeSpan.FromDays(90);

    /// <summary>How long the runs of jobs are told one by one; they stay counted for ever. The newest of each job are kept longer.</summary>
    public TimeSpan JobRuns { get; set; } = TimeSpan.FromDays(30);
}

/// <summary>Once an hour, deletes what is kept for a time only: raw callbacks, used idempotency keys, promises that were kept, runs of jobs.</summary>
internal sealed partial class Purge(IPurgeStore store, IJobStore jobs, IOptions<RetentionOptions> options, TimeProvider clock, ILogger<Purge> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <summary>A day is what a client may count on; the rest is for clocks that differ.</summary>
    private static readonly TimeSpan KeysFor = TimeSpan.FromHours(25);
    private static readonly TimeSpan DoneFor = TimeSpan.FromDays(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        while (await timer.NextTickAsync(stoppingToken))
        {
            try
            {
                var now = clock.GetUtcTimestamp();
                var deleted = await store.PurgeAsync(now - options.Value.Callbacks, now - KeysFor, now - DoneFor, stoppingToken);
                deleted += await jobs.ForgetAsync(now - options.Value.JobRuns, JobEndpoints.Recent, stoppingToken);
                LogPurged(logger, deleted);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(logger, e.GetType().Name);
            }
        }
    }

    [LoggerMessage(1010, LogLevel.Information, "{Count} rows were kept long enough and are deleted")]
    private static partial void LogPurged(ILogger logger, int count);

    [LoggerMessage(1011, LogLevel.Warning, "Old rows could not be deleted, will be tried again: {Error}")]
    private static partial void LogFailed(ILogger logger, string error);
}
