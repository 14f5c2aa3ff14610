using LongPoll.Server.Payments;

namespace LongPoll.Server.Jobs;

/// <summary>
/// Runs jobs at the ticks of their schedules. Every node does; the database lets one of them run a tick. Each job has a loop of its
/// own, so a slow one delays no other, and ticks that pass while it runs are left out.
/// </summary>
internal sealed partial class JobScheduler(IEnumerable<IJob> jobs, JobPlans plans, JobRunner runner, TimeProvider clock, ILogger<JobScheduler> logger)
    : BackgroundService
{
    /// <summary>How long until a tick is tried again that the database was away for.</summary>
    public static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(5);

    /// <summary>A timer does not notice that the clock was set, or that the machine slept.</summary>
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(jobs.Select(job => KeepAsync(job.Name, stoppingToken)));

    private async Task KeepAsync(string name, CancellationToken stop)
    {
        if (!plans.IsEnabled(name))
        {
            LogDisabled(logger, name);
            return;
        }

        if (plans.ScheduleOf(name) is not { } schedule)
        {
            LogUnscheduled(logger, name, JobPlans.DescriptionOf(name));
            return;
        }

        var tick = schedule.Next(clock.GetUtcTimestamp());
        LogScheduled(logger, name, JobPlans.DescriptionOf(name), schedule, tick);
        try
        {
            while (true)
            {
                await UntilAsync(tick, stop);
                await RunAsync(name, tick, schedule.Next(tick), stop);
                tick = schedule.Next(Clock.Later(tick, clock.GetUtcTimestamp()));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    private async Task UntilAsync(DateTime tick, CancellationToken stop)
    {
        while (tick - clock.GetUtcNow().UtcDateTime is { Ticks: > 0 } left)
        {
            await Task.Delay(left < LongestSleep ? left : LongestSleep, clock, stop);
        }
    }

    // While the database is away, until the next tick is due.
    private async Task RunAsync(string name, DateTime tick, DateTime next, CancellationToken stop)
    {
        var runId = Guid.CreateVersion7();
        do
        {
            try
            {
                await runner.RunAsync(name, runId, tick);
                return;
            }
            catch (Exception e)
            {
                LogNotBegun(logger, name, e.GetType().Name);
            }

            await Task.Delay(RetryPause, clock, stop);
        }
        while (clock.GetUtcTimestamp() < next);
    }

    [LoggerMessage(1025, LogLevel.Information, "Job {Job} ({Description}) runs at {Schedule} UTC, next at {Next:u}")]
    private static partial void LogScheduled(ILogger logger, string job, string description, CronSchedule schedule, DateTime next);

    [LoggerMessage(1026, LogLevel.Information, "Job {Job} ({Description}) has no schedule: it runs when it is asked for")]
    private static partial void LogUnscheduled(ILogger logger, string job, string description);

    [LoggerMessage(1027, LogLevel.Information, "Job {Job} is switched off")]
    private static partial void LogDisabled(ILogger logger, string job);

    [LoggerMessage(1028, LogLevel.Warning, "Job {Job} could not be begun, will be tried again: {Error}")]
    private static partial void LogNotBegun(ILogger logger, string job, string error);
}
