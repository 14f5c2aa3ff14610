using LongPoll.Server.Jobs;
using LongPoll.Tests.Jobs;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Contracts;

// Jobs that take too long, hang, are stopped, or die with their node.
public abstract partial class JobSuite
{
    [Fact]
    [Trait("Acceptance", "104")]
    public async Task JobThatTakesTooLong_IsCancelledAndNotedAsFailed()
    {
        var links = new ScriptedJob(Links, cancel => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel));
        await using var node = await JobNode.StartAsync(stores.Jobs, links);
        node.Pass(5 * Minute);
        await Eventually.IsAsync(() => links.Runs == 1);

        await WorkAsync(node, JobRunner.TimeLimit);

        await node.RunsAsync(Links, 1);
        Assert.Equal(new JobRun(Noon.AddMinutes(5), Noon.AddMinutes(10), Success: false), Assert.Single(await node.RecentAsync(Links)));
        Assert.Contains("Warning Job expired-links failed: OperationCanceledException", node.Log);
    }

    [Fact]
    [Trait("Acceptance", "104")]
    public async Task JobThatHangsAndDoesNotListen_IsGivenUp_AndTheOtherNodeRunsTheNextTick()
    {
        var hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (deaf, other) = (new ScriptedJob(Links, _ => hanging.Task), new ScriptedJob(Links));
        await using var node = await JobNode.StartAsync(stores.Jobs, deaf);
        await using var second = await JobNode.StartAsync(stores.Jobs, other);
        node.Pass(5 * Minute);
        await Eventually.IsAsync(() => deaf.Runs == 1);

        await WorkAsync(node, JobRunner.TimeLimit);
        await node.SleepingAsync(1);
        node.Pass(JobRunner.Round);
        await node.RunsAsync(Links, 1);
        Assert.Contains(node.Log, l => l.StartsWith("Warning Job expired-links hangs", StringComparison.Ordinal));
        await node.IdleAsync();

        // It hangs on: this node begins no other, by its schedule or by hand.
        await node.PassAsync(5 * Minute);
        await Eventually.IsAsync(() => node.Log.Any(l => l.StartsWith("Warning Job expired-links still hangs", StringComparison.Ordinal)));
        Assert.False((await node.Runner.RunAsync(Links)).Ran);

        // The other node finds its first tick taken, and runs the one after.
        await second.PassAsync(5 * Minute);
        await Eventually.IsAsync(() => second.Store.Asked == 1);
        await second.IdleAsync();
        Assert.Equal(0, other.Runs);
        await second.PassAsync(5 * Minute);
        await second.RunsAsync(Links, 2);
        Assert.Equal((1, 1), (deaf.Runs, other.Runs));

        // It has come to its end after all.
        hanging.SetResult();
        deaf.Work = null;
        await Eventually.IsAsync(async () => (await node.Runner.RunAsync(Links)).Ran);
    }

    [Fact]
    public async Task NodeThatStops_CancelsItsJobAndNotesTheEnd()
    {
        var links = new ScriptedJob(Links, cancel => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel));
        await using var node = await JobNode.StartAsync(stores.Jobs, links);
        node.Pass(5 * Minute);
        await Eventually.IsAsync(() => links.Runs == 1);
        await node.SleepingAsync(2);

        node.BeginStopping();
        node.Pass(JobRunner.Round);

        await node.RunsAsync(Links, 1);
        Assert.Equal(new JobRun(Noon.AddMinutes(5), Noon.AddMinutes(5) + JobRunner.Round, Success: false), Assert.Single(await node.RecentAsync(Links)));
    }

    [Fact]
    [Trait("Acceptance", "104")]
    public async Task NodeThatDiesInAJob_StopsNotTheNextTick()
    {
        var links = new ScriptedJob(Links);
        var (dead, died) = (Guid.CreateVersion7(), Noon.AddMinutes(5));
        Assert.True(await stores.Jobs.TryBeginAsync(dead, Links, died, died, died + JobRunner.Lease, Cancel));
        await using var node = await JobNode.StartAsync(stores.Jobs, links);

        // Its own tick was begun, and is not begun again.
        await node.PassAsync(5 * Minute);
        await Eventually.IsAsync(() => node.Store.Asked == 1);
        await node.IdleAsync();
        Assert.Equal(0, links.Runs);
        Assert.Null(Assert.Single(await node.RecentAsync(Links)).EndedAt);

        // The run is over with its lease, though nobody has written that down.
        await node.PassAsync(JobRunner.Lease);
        Assert.Equal(new JobRun(died, died + JobRunner.Lease, Success: false), Assert.Single(await node.RecentAsync(Links)));
        Assert.Equal(new JobStats(1, 0, JobRunner.Lease.TotalMilliseconds), await node.StatsAsync(Links));

        await node.PassAsync((5 * Minute) - JobRunner.Lease);
        await node.RunsAsync(Links, 2);
        Assert.Equal([true, false], (await node.RecentAsync(Links)).Select(r => r.Success));
        Assert.Equal(1, links.Runs);
    }

    [Fact]
    public async Task LongRun_IsHeldUntilItEnds_AndLostByWhoIsTakenForDead()
    {
        var links = new ScriptedJob(Links, cancel => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel));
        await using var node = await JobNode.StartAsync(stores.Jobs, links);
        node.Pass(5 * Minute);
        await Eventually.IsAsync(() => links.Runs == 1);

        // Many times its lease, and nobody else gets it.
        await WorkAsync(node, 2 * Minute);
        await node.SleepingAsync(2);
        Assert.False(await stores.Jobs.TryBeginAsync(Guid.CreateVersion7(), Links, tick: null, node.Now, node.Now + JobRunner.Lease, Cancel));

        // Its node stands still for longer than the lease, and wakes up.
        var (other, later) = (Guid.CreateVersion7(), node.Now + JobRunner.Lease);
        Assert.True(await stores.Jobs.TryBeginAsync(other, Links, tick: null, later, later + JobRunner.Lease, Cancel));
        node.Pass(JobRunner.Round);
        await Eventually.IsAsync(() => node.Log.Contains("Warning Job expired-links failed: OperationCanceledException"), "the job was told to stop");

        await node.IdleAsync();
        var runs = await stores.Jobs.FindRecentAsync(Links, later, 10, Cancel);
        Assert.Equal([new JobRun(later, null, false), new JobRun(Noon.AddMinutes(5), later, false)], runs);
    }
}
