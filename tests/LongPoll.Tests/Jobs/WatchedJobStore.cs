using LongPoll.Server.Jobs;

namespace LongPoll.Tests.Jobs;

/// <summary>A store that counts who is in it, and that can be away, before a beginning, after it, while a job runs, or at an end.</summary>
internal sealed class WatchedJobStore(IJobStore store) : IJobStore
{
    private int _inHand;
    private int _asked;

    /// <summary>Calls that have not come back.</summary>
    public int InHand => Volatile.Read(ref _inHand);

    /// <summary>How often a run was to begin.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>So many beginnings fail before anything is written.</summary>
    public int AwayBefore { get; set; }

    /// <summary>So many beginnings are written, and their answer is lost.</summary>
    public int LostAnswers { get; set; }

    /// <summary>Leases cannot be renewed.</summary>
    public bool AwayMeanwhile { get; set; }

    /// <summary>So many ends cannot be noted.</summary>
    public int AwayAtTheEnd { get; set; }

    public Task<bool> TryBeginAsync(Guid runId, string job, DateTime? tick, DateTime now, DateTime leaseUntil, CancellationToken cancel) => InAsync(async () =>
    {
        Interlocked.Increment(ref _asked);
        if (AwayBefore-- > 0)
        {
            throw new IOException("away");
        }

        var begun = await store.TryBeginAsync(runId, job, tick, now, leaseUntil, cancel);
        return LostAnswers-- > 0 ? throw new IOException("the answer is lost") : begun;
    });

    public Task<bool> RenewAsync(Guid runId, DateTime leaseUntil, CancellationToken cancel) => InAsync(() =>
        AwayMeanwhile ? throw new IOException("away") : store.RenewAsync(runId, leaseUntil, cancel));

    public Task EndAsync(Guid runId, DateTime now, bool success, CancellationToken cancel) => InAsync(async () =>
    {
        if (AwayAtTheEnd-- > 0)
        {
            throw new IOException("away");
        }

        await store.EndAsync(runId, now, success, cancel);
        return true;
    });

    public Task<JobStats> CountAsync(string job, DateTime now, CancellationToken cancel) => store.CountAsync(job, now, cancel);

    public Task<IReadOnlyList<JobRun>> FindRecentAsync(string job, DateTime now, int limit, CancellationToken cancel) => store.FindRecentAsync(job, now, limit, cancel);

    public Task<int> ForgetAsync(DateTime before, int keep, CancellationToken cancel) => store.ForgetAsync(before, keep, cancel);

    private async Task<T> InAsync<T>(Func<Task<T>> call)
    {
        Interlocked.Increment(ref _inHand);
        try
        {
            return await call();
        }
        finally
        {
            Interlocked.Decrement(ref _inHand);
        }
    }
}
