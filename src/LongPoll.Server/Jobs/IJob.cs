namespace LongPoll.Server.Jobs;

/// <summary>Work that is done now and then, and that a person or a scheduler outside can start by <c>POST /jobs/{name}</c>.</summary>
internal interface IJob
{
    /// <summary>Its name in addresses and in <c>job_runs</c>.</summary>
    string Name { get; }

    /// <summary>Does it once. Throws when it failed; must be safe to repeat: the node can die under it.</summary>
    Task RunAsync(CancellationToken cancel);
}

/// <summary>One run of a job. <paramref name="EndedAt"/> is null while it runs.</summary>
internal sealed record JobRun(DateTime StartedAt, DateTime? EndedAt, bool Success);

/// <summary>All ended runs of a job together; the average in milliseconds.</summary>
internal sealed record JobStats(long Total, long Succeeded, double AverageDuration)
{
    /// <summary>In per cent.</summary>
    public double SuccessRate => Total == 0 ? 0 : Math.Round(100.0 * Succeeded / Total, 1);
}

/// <summary>What jobs ask of a store.</summary>
internal interface IJobStore
{
    /// <summary>
    /// Notes the beginning of a run; false while the job runs elsewhere. A run whose node died ends as failed when its lease is over.
    /// </summary>
    Task<bool> TryBeginAsync(Guid runId, string job, DateTime now, DateTime leaseUntil, CancellationToken cancel);

    /// <summary>Notes its end.</summary>
    Task EndAsync(Guid runId, DateTime now, bool success, CancellationToken cancel);

    /// <summary>Counts the ended runs.</summary>
    Task<JobStats> CountAsync(string job, CancellationToken cancel);

    /// <summary>The newest runs, the newest first.</summary>
    Task<IReadOnlyList<JobRun>> FindRecentAsync(string job, int limit, CancellationToken cancel);
}
