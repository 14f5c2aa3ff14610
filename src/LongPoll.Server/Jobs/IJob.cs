namespace LongPoll.Server.Jobs;

/// <summary>Work that is done now and then: at the ticks of its schedule, and when somebody asks for it by <c>POST /jobs/{name}</c>.</summary>
internal interface IJob
{
    /// <summary>Its name in addresses, in <c>job_runs</c> and in the configuration: one of <see cref="JobPlans.All"/>.</summary>
    string Name { get; }

    /// <summary>
    /// Does it once. Throws when it failed; must be safe to repeat: the node can die under it. Ends soon after it is cancelled, which
    /// happens when it takes too long and when the node stops.
    /// </summary>
    Task RunAsync(CancellationToken cancel);
}

/// <summary>One run of a job. <paramref name="EndedAt"/> is null while it runs.</summary>
internal sealed record JobRun(DateTime StartedAt, DateTime? EndedAt, bool Success);

/// <summary>All ended runs of a job together, those too whose rows are deleted by now; the average in milliseconds.</summary>
internal sealed record JobStats(long Total, long Succeeded, double AverageDuration)
{
    /// <summary>In per cent.</summary>
    public double SuccessRate => Total == 0 ? 0 : Math.Round(100.0 * Succeeded / Total, 1);
}

/// <summary>What jobs ask of a store.</summary>
internal interface IJobStore
{
    /// <summary>
    /// Notes the beginning of a run; false while the job runs elsewhere, and for a tick that has a run already. A run whose lease is
    /// over, because its node died, ends as failed. Asked again with the same <paramref name="runId"/> the answer is the same.
    /// </summary>
    /// <param name="runId">The run, chosen by the caller.</param>
    /// <param name="job">The name of the job.</param>
    /// <param name="tick">The moment of the schedule that the run is for; null when somebody asked for it.</param>
    /// <param name="now">When it begins.</param>
    /// <param name="leaseUntil">Until when nobody takes its node for dead.</param>
    /// <param name="cancel">Gives up.</param>
    Task<bool> TryBeginAsync(Guid runId, string job, DateTime? tick, DateTime now, DateTime leaseUntil, CancellationToken cancel);

    /// <summary>Holds a run for longer; false when it has ended, because its node was taken for dead.</summary>
    Task<bool> RenewAsync(Guid runId, DateTime leaseUntil, CancellationToken cancel);

    /// <summary>Notes its end.</summary>
    Task EndAsync(Guid runId, DateTime now, bool success, CancellationToken cancel);

    /// <summary>Counts the runs that have ended by now.</summary>
    Task<JobStats> CountAsync(string job, DateTime now, CancellationToken cancel);

    /// <summary>The newest runs, the newest first.</summary>
    Task<IReadOnlyList<JobRun>> FindRecentAsync(string job, DateTime now, int limit, CancellationToken cancel);

    /// <summary>Deletes runs that ended before this, but the newest <paramref name="keep"/> of each job, and tells how many. They stay counted.</summary>
    Task<int> ForgetAsync(DateTime before, int keep, CancellationToken cancel);
}
