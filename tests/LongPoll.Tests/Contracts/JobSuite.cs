using LongPoll.Server.Jobs;
using LongPoll.Tests.Jobs;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>The scheduler over a database: ticks, nodes beside each other, and jobs that fail, hang, are slow, or die with their node.</summary>
public abstract partial class JobSuite(StoreFixture stores) : IAsyncLifetime
{
    private const string Links = "expired-links";
    private const string Stuck = "stuck-payments";

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // The fake clocks begin here.
    private static readonly DateTime Noon = new(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc);

    // Ticks are unique in a database, and every test begins at the same hour.
    public async ValueTask InitializeAsync()
    {
        await stores.ExecuteAsync("delete from job_runs");
        await stores.ExecuteAsync("delete from job_totals");
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    [Trait("Acceptance", "97")]
    [Trait("Acceptance", "98")]
    [Trait("Acceptance", "103")]
    [Trait("Acceptance", "104")]
    public async Task Hour_TwoNodes_EachTickIsRunOnce()
    {
        var (links, stuck) = (new ScriptedJob(Links), new ScriptedJob(Stuck));
        await using var first = await JobNode.StartAsync(stores.Jobs, links, stuck);
        await using var second = await JobNode.StartAsync(stores.Jobs, links, stuck);

        for (var tick = 1; tick <= 12; tick++)
        {
            var asked = 2 * (tick + (tick / 3));
            first.Pass(5 * Minute);
            second.Pass(5 * Minute);
            await Eventually.IsAsync(() => first.Store.Asked + second.Store.Asked == asked, "both nodes wanted to run it");
            await first.RunsAsync(Links, tick);
            await first.RunsAsync(Stuck, tick / 3);
            await Task.WhenAll(first.IdleAsync(), second.IdleAsync());
        }

        Assert.Equal((12, 4), (links.Runs, stuck.Runs));
        Assert.Equal(100, (await first.StatsAsync(Links)).SuccessRate);
        var ticks = await second.RecentAsync(Links);
        Assert.Equal(Enumerable.Range(3, 10).Reverse().Select(n => Noon.AddMinutes(5 * n)), ticks.Select(r => r.StartedAt));
    }

    [Fact]
    [Trait("Acceptance", "103")]
    public async Task ClockThatIsASecondLate_DoesNotRunTheTickAgain()
    {
        var job = new ScriptedJob(Links);
        await using var early = await JobNode.StartAsync(stores.Jobs, job);
        await using var late = await JobNode.StartAsync(stores.Jobs, job);

        await early.PassAsync(5 * Minute);
        await early.RunsAsync(Links, 1);
        await late.PassAsync((5 * Minute) - Second);
        Assert.Equal(0, late.Store.Asked);
        await late.PassAsync(Second);
        await Eventually.IsAsync(() => late.Store.Asked == 1);
        await late.IdleAsync();

        Assert.Equal(1, job.Runs);
        Assert.Single(await early.RecentAsync(Links));
    }

    [Fact]
    [Trait("Acceptance", "104")]
    [Trait("Acceptance", "106")]
    [Trait("Acceptance", "107")]
    public async Task JobThatThrows_IsNotedAsFailed_AndStopsNeitherItsNextTickNorAnotherJob()
    {
        var (links, stuck) = (new ScriptedJob(Links, _ => throw new InvalidOperationException("no link of tom@example.com")), new ScriptedJob(Stuck));
        await using var node = await JobNode.StartAsync(stores.Jobs, links, stuck);

        for (var tick = 1; tick <= 3; tick++)
        {
            await node.PassAsync(5 * Minute);
            await node.RunsAsync(Links, tick);
            await node.IdleAsync();
            links.Work = tick == 2 ? null : links.Work;
        }

        await node.RunsAsync(Stuck, 1);
        Assert.Equal([true, false, false], (await node.RecentAsync(Links)).Select(r => r.Success));
        Assert.Equal((3, 1, 33.3), ((await node.StatsAsync(Links)).Total, (await node.StatsAsync(Links)).Succeeded, (await node.StatsAsync(Links)).SuccessRate));
        Assert.Equal(100, (await node.StatsAsync(Stuck)).SuccessRate);
        Assert.Equal(2, node.Log.Count(l => l == "Warning Job expired-links failed: InvalidOperationException"));
        Assert.Contains("Information Job expired-links completed", node.Log);
        Assert.DoesNotContain(node.Log, l => l.Contains("tom@", StringComparison.Ordinal));
    }

    // Three minutes of work every minute: the ticks meanwhile are left out, and the other job is as punctual as ever.
    [Fact]
    [Trait("Acceptance", "104")]
    public async Task SlowJob_LeavesTicksOutAndPilesNoneUp()
    {
        TaskCompletionSource? working = null;
        var (links, stuck) = (new ScriptedJob(Links), new ScriptedJob(Stuck));
        links.Work = _ => (working = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Jobs:expired-links:Schedule"] = "* * * * *", ["Jobs:stuck-payments:Schedule"] = "* * * * *" };
        await using var node = await JobNode.StartAsync(stores.Jobs, new TestTimeProvider(), settings, links, stuck);

        node.Pass(Minute);
        await Eventually.IsAsync(() => working is not null);
        for (var tick = 1; tick <= 3; tick++)
        {
            await node.RunsAsync(Stuck, tick);
            Assert.Equal(1, links.Runs);
            for (var passed = TimeSpan.Zero; passed < Minute; passed += JobRunner.Round)
            {
                // Time limit and round of the slow run, and the other loop's sleep.
                await node.SleepingAsync(3);
                node.Pass(JobRunner.Round);
            }
        }

        await node.RunsAsync(Stuck, 4);
        await node.SleepingAsync(3);
        working!.SetResult();
        await node.RunsAsync(Links, 1);
        await node.IdleAsync();
        Assert.Equal(1, links.Runs);
        Assert.Equal(new JobRun(Noon.AddMinutes(1), Noon.AddMinutes(4), Success: true), Assert.Single(await node.RecentAsync(Links)));

        links.Work = null;
        await node.PassAsync(Minute);
        await node.RunsAsync(Links, 2);
        Assert.Equal(Noon.AddMinutes(5), (await node.RecentAsync(Links))[0].StartedAt);
    }

    [Fact]
    [Trait("Acceptance", "105")]
    public async Task JobThatIsSwitchedOff_HasNoTicks_AndOthersHave()
    {
        var (links, stuck) = (new ScriptedJob(Links), new ScriptedJob(Stuck));
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Jobs:expired-links:Enabled"] = "false" };
        await using var node = await JobNode.StartAsync(stores.Jobs, new TestTimeProvider(), settings, links, stuck);

        await node.PassAsync(15 * Minute);
        await node.RunsAsync(Stuck, 1);

        Assert.Equal((0, 1), (links.Runs, stuck.Runs));
        Assert.Contains("Information Job expired-links is switched off", node.Log);
    }

    [Fact]
    public async Task Reconcile_HasNoTicksOfItsOwn_AndCanBeGivenSome()
    {
        var (asking, told) = (new ScriptedJob("reconcile"), new ScriptedJob("reconcile"));
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Jobs:reconcile:Schedule"] = "*/10 * * * *" };
        await using var plain = await JobNode.StartAsync(stores.Jobs, asking);
        await using var configured = await JobNode.StartAsync(stores.Jobs, new TestTimeProvider(), settings, told);

        await plain.PassAsync(60 * Minute);
        await configured.PassAsync(10 * Minute);
        await configured.RunsAsync("reconcile", 1);

        Assert.Equal((0, 1), (asking.Runs, told.Runs));
        await Eventually.IsAsync(() => plain.Log.Any(l => l.Contains("reconcile (asks providers about attempts that went silent) has no schedule", StringComparison.Ordinal)));
        Assert.Contains(configured.Log, l => l.Contains("reconcile (asks providers about attempts that went silent) runs at */10 * * * * UTC, next at 2026-11-20 12:10:00Z", StringComparison.Ordinal));
    }

    // A laptop that slept, a clock that was set: what was missed is run once, and not as often as it was missed.
    [Fact]
    public async Task ClockThatJumps_RunsOnceForAllTicksBetween()
    {
        var links = new ScriptedJob(Links);
        await using var node = await JobNode.StartAsync(stores.Jobs, links);

        node.Clock.Jump(TimeSpan.FromHours(3));
        await node.PassAsync(Minute);
        await node.RunsAsync(Links, 1);
        await node.IdleAsync();
        await node.PassAsync(4 * Minute);
        await node.RunsAsync(Links, 2);

        Assert.Equal(2, links.Runs);
    }

    [Fact]
    [Trait("Acceptance", "111")]
    public async Task RunByHand_IsRunAtOnce_AndATickMeanwhileIsLeftOut()
    {
        var working = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var links = new ScriptedJob(Links, _ => working.Task);
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Jobs:expired-links:Schedule"] = "* * * * *" };
        await using var node = await JobNode.StartAsync(stores.Jobs, new TestTimeProvider(), settings, links);
        await using var other = await JobNode.StartAsync(stores.Jobs, links);

        var byHand = node.Runner.RunAsync(Links);
        await Eventually.IsAsync(() => links.Runs == 1);
        Assert.False((await other.Runner.RunAsync(Links)).Ran);
        for (var passed = TimeSpan.Zero; passed < Minute; passed += JobRunner.Round)
        {
            // The time limit and the round of the run, and the loop's sleep.
            await node.SleepingAsync(3);
            node.Pass(JobRunner.Round);
        }

        await Eventually.IsAsync(() => node.Store.Asked == 2, "the tick came while it ran");
        await node.SleepingAsync(3);
        working.SetResult();

        var outcome = await byHand.SoonAsync();
        Assert.Equal((true, true), (outcome.Ran, outcome.Success));
        Assert.Equal(1, links.Runs);
        Assert.True((await other.Runner.RunAsync(Links)).Ran);
    }

    [Fact]
    [Trait("Acceptance", "106")]
    [Trait("Acceptance", "107")]
    [Trait("Acceptance", "158")]
    public async Task HistoryThatIsDeleted_StaysCounted()
    {
        for (var n = 0; n < 100; n++)
        {
            var (run, at) = (Guid.CreateVersion7(), Noon.AddHours(n));
            Assert.True(await stores.Jobs.TryBeginAsync(run, Links, at, at, at.AddMinutes(1), Cancel));
            await stores.Jobs.EndAsync(run, at.AddMilliseconds(n % 2 == 0 ? 400 : 500), success: n is not (7 or 70), Cancel);
        }

        var running = (Id: Guid.CreateVersion7(), Now: Noon.AddHours(100));
        Assert.True(await stores.Jobs.TryBeginAsync(running.Id, Links, running.Now, running.Now, running.Now.AddMinutes(1), Cancel));
        var before = await stores.Jobs.CountAsync(Links, running.Now, Cancel);

        // In two steps, and the second finds little to do: the newest ten stay however old they are.
        Assert.Equal(50, await stores.Jobs.ForgetAsync(Noon.AddHours(50), keep: 10, Cancel));
        var between = await stores.Jobs.CountAsync(Links, running.Now, Cancel);
        Assert.Equal(41, await stores.Jobs.ForgetAsync(Noon.AddYears(1), keep: 10, Cancel));
        Assert.Equal(0, await stores.Jobs.ForgetAsync(Noon.AddYears(1), keep: 10, Cancel));
        var after = await stores.Jobs.CountAsync(Links, running.Now, Cancel);

        foreach (var stats in (JobStats[])[before, between, after])
        {
            Assert.Equal((100, 98, 450.0, 98.0), (stats.Total, stats.Succeeded, Math.Round(stats.AverageDuration, 6), stats.SuccessRate));
        }

        var recent = await stores.Jobs.FindRecentAsync(Links, running.Now, 20, Cancel);
        Assert.Equal(Enumerable.Range(91, 10).Reverse().Select(n => Noon.AddHours(n)), recent.Select(r => r.StartedAt));
        Assert.Null(recent[0].EndedAt);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // A job at work: its time limit and its round are set, and the round renews the lease.
    private static async Task WorkAsync(JobNode node, TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += JobRunner.Round)
        {
            await node.SleepingAsync(2);
            node.Pass(JobRunner.Round);
        }
    }
}
