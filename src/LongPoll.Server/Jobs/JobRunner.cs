using System.Collections.Concurrent;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Jobs;

/// <summary>How an attempt to run a job ended. <paramref name="Ran"/> is false where it runs already, or its tick has been run.</summary>
internal readonly record struct JobOutcome(bool Ran, bool Success, TimeSpan Took);

/// <summary>
/// Runs jobs: one node at a time, each run noted with its end. A job that fails is logged and noted, one that hangs is given up, and
/// neither harms another. The lease of a run is short and renewed while the job is at work, so a node's death is over soon.
/// </summary>
internal sealed partial class JobRunner(IEnumerable<IJob> jobs, IJobStore store, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<JobRunner> logger)
{
    /// <summary>A job that takes longer is cancelled.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(5);

    /// <summary>Who has not renewed it for so long is dead.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>How often the lease is renewed; and how long a job has to end when it is cancelled, at least.</summary>
    public static readonly TimeSpan Round = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan NotePause = TimeSpan.FromSeconds(2);
    private const int NoteTries = 5;

    private readonly Dictionary<string, IJob> _jobs = jobs.ToDictionary(j => j.Name, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Task> _hanging = new(StringComparer.Ordinal);

    /// <summary>Whether there is such a job.</summary>
    public bool Knows(string name) => _jobs.ContainsKey(name);

    /// <summary>Runs a job because somebody asks for it. Who stops waiting does not stop the job.</summary>
    public Task<JobOutcome> RunAsync(string name) => RunAsync(name, Guid.CreateVersion7(), tick: null);

    /// <summary>
    /// Runs a job for a tick of its schedule, unless this tick has been run, here or elsewhere. Throws only when the store cannot be
    /// asked, before anything was run: then it may be called again, with the same <paramref name="runId"/>.
    /// </summary>
    public async Task<JobOutcome> RunAsync(string name, Guid runId, DateTime? tick)
    {
        if (_hanging.TryGetValue(name, out var hanging) && !hanging.IsCompleted)
        {
            LogStillHanging(logger, name);
            return default;
        }

        var began = clock.GetUtcTimestamp();
        if (!await store.TryBeginAsync(runId, name, tick, began, began + Lease, CancellationToken.None))
        {
            return default;
        }

        var success = await TryAsync(_jobs[name], runId);
        var ended = clock.GetUtcTimestamp();
        await NoteEndAsync(name, runId, ended, success);
        return new JobOutcome(Ran: true, success, ended - began);
    }

    private async Task<bool> TryAsync(IJob job, Guid runId)
    {
        using var stop = new CancellationTokenSource(TimeLimit, clock);
        await using var stopping = lifetime.ApplicationStopping.Register(() => stop.CancelAfter(Round));

        var renewed = clock.GetTimestamp();

        // On a thread of its own: a job that blocks is still only one job.
        var work = Task.Run(() => job.RunAsync(stop.Token), CancellationToken.None);
        for (var cancelled = false; ; cancelled = stop.IsCancellationRequested)
        {
            await RoundAsync(work);
            if (work.IsCompleted)
            {
                break;
            }

            if (cancelled)
            {
                // It does not listen. The run is over; until the work ends this node begins no other.
                _hanging[job.Name] = work;
                LogHangs(logger, job.Name);
                return false;
            }

            switch (await RenewAsync(job.Name, runId))
            {
                case true:
                    renewed = clock.GetTimestamp();
                    break;

                // With the store away, nobody knows of a lease that is over before this node does: it has a round left to end.
                case null when clock.GetElapsedTime(renewed) < Lease - Round:
                    break;

                default:
                    await stop.CancelAsync();
                    break;
            }
        }

        if (work.IsCompletedSuccessfully)
        {
            LogCompleted(logger, job.Name);
            return true;
        }

        LogFailed(logger, job.Name, work.Exception?.GetBaseException().GetType().Name ?? nameof(OperationCanceledException));
        return false;
    }

    // Until the work ends, for a round at most. No timer of it is left when it returns: what goes by timers can tell that all is quiet.
    private async Task RoundAsync(Task work)
    {
        using var over = new CancellationTokenSource();
        await Task.WhenAny(work, Task.Delay(Round, clock, over.Token));
        await over.CancelAsync();
    }

    // False when somebody else thinks that this node is dead, and may be at it: then it stops. Null when the store is away.
    private async Task<bool?> RenewAsync(string name, Guid runId)
    {
        try
        {
            return await store.RenewAsync(runId, clock.GetUtcTimestamp() + Lease, CancellationToken.None);
        }
        catch (Exception e)
        {
            LogStoreAway(logger, name, e.GetType().Name);
            return null;
        }
    }

    // A run whose end cannot be noted ends with its lease, as failed.
    private async Task NoteEndAsync(string name, Guid runId, DateTime ended, bool success)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await store.EndAsync(runId, ended, success, CancellationToken.None);
                return;
            }
            catch (Exception e)
            {
                LogStoreAway(logger, name, e.GetType().Name);
                if (tries == NoteTries)
                {
                    return;
                }

                await Task.Delay(NotePause, clock);
            }
        }
    }

    [LoggerMessage(1020, LogLevel.Information, "Job {Job} completed")]
    private static partial void LogCompleted(ILogger logger, string job);

    [LoggerMessage(1021, LogLevel.Warning, "Job {Job} failed: {Error}")]
    private static partial void LogFailed(ILogger logger, string job, string error);

    [LoggerMessage(1022, LogLevel.Warning, "Job {Job} hangs and does not listen: its run is given up as failed")]
    private static partial void LogHangs(ILogger logger, string job);

    [LoggerMessage(1023, LogLevel.Warning, "Job {Job} still hangs on this node and is not begun again here")]
    private static partial void LogStillHanging(ILogger logger, string job);

    [LoggerMessage(1024, LogLevel.Warning, "The run of job {Job} could not be noted: {Error}")]
    private static partial void LogStoreAway(ILogger logger, string job, string error);
}
