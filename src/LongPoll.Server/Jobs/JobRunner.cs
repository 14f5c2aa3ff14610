using LongPoll.Server.Payments;

namespace LongPoll.Server.Jobs;

/// <summary>How an attempt to run a job ended. <paramref name="Ran"/> is false where another node was at it.</summary>
internal readonly record struct JobOutcome(bool Ran, bool Success, TimeSpan Took);

/// <summary>Runs jobs: one node at a time, each run noted with its end. A job that fails is logged and noted, and harms no other.</summary>
internal sealed partial class JobRunner(IEnumerable<IJob> jobs, IJobStore store, TimeProvider clock, ILogger<JobRunner> logger)
{
    /// <summary>A job that takes longer is stopped.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(5);

    // Past the time limit: whoever holds it then is dead.
    private static readonly TimeSpan Lease = TimeLimit + TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, IJob> _jobs = jobs.ToDictionary(j => j.Name, StringComparer.Ordinal);

    /// <summary>Whether there is such a job.</summary>
    public bool Knows(string name) => _jobs.ContainsKey(name);

    /// <summary>Runs a job now. Who stops waiting does not stop the job.</summary>
    public async Task<JobOutcome> RunAsync(string name)
    {
        var (runId, now) = (Guid.CreateVersion7(), clock.GetUtcTimestamp());
        if (!await store.TryBeginAsync(runId, name, now, now + Lease, CancellationToken.None))
        {
            return default;
        }

        var success = await TryAsync(_jobs[name]);
        var ended = clock.GetUtcTimestamp();
        await store.EndAsync(runId, ended, success, CancellationToken.None);
        return new JobOutcome(Ran: true, success, ended - now);
    }

    private async Task<bool> TryAsync(IJob job)
    {
        using var limit = new CancellationTokenSource(TimeLimit, clock);
        try
        {
            await job.RunAsync(limit.Token);
            LogCompleted(logger, job.Name);
            return true;
        }
        catch (Exception e)
        {
            LogFailed(logger, job.Name, e.GetType().Name);
            return false;
        }
    }

    [LoggerMessage(1020, LogLevel.Information, "Job {Job} completed")]
    private static partial void LogCompleted(ILogger logger, string job);

    [LoggerMessage(1021, LogLevel.Warning, "Job {Job} failed: {Error}")]
    private static partial void LogFailed(ILogger logger, string job, string error);
}
