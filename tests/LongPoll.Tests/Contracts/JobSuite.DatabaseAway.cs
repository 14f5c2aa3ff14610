using LongPoll.Server.Jobs;
using LongPoll.Tests.Jobs;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Contracts;

// The database is away at a tick, during a job, or at its end.
public abstract partial class JobSuite
{
    [Fact]
    public async Task DatabaseThatIsAwayAtTheTick_IsAskedAgain_AndTheTickIsRunOnce()
    {
        var links = new ScriptedJob(Links);
        await using var node = await JobNode.StartAsync(stores.Jobs, links);
        node.Store.AwayBefore = 3;

        await node.PassAsync(5 * Minute);
        for (var tries = 0; tries < 3; tries++)
        {
            await Eventually.IsAsync(() => node.Store.Asked == tries + 1);
            Assert.Equal(0, links.Runs);
            await node.IdleAsync();
            await node.PassAsync(JobScheduler.RetryPause);
        }

        await node.RunsAsync(Links, 1);
        Assert.Equal((4, 1), (node.Store.Asked, links.Runs));
        Assert.Equal(3, node.Log.Count(l => l == "Warning Job expired-links could not be begun, will be tried again: IOException"));
    }

    // The run was begun, and nobody heard of it: asked again it is still ours, and not somebody else's tick.
    [Fact]
    public async Task AnswerOfTheDatabaseThatIsLost_LosesNoTick()
    {
        var links = new ScriptedJob(Links);
        await using var node = await JobNode.StartAsync(stores.Jobs, links);
        node.Store.LostAnswers = 1;

        await node.PassAsync(5 * Minute);
        await Eventually.IsAsync(() => node.Store.Asked == 1);
        await node.IdleAsync();
        await node.PassAsync(JobScheduler.RetryPause);

        await node.RunsAsync(Links, 1);
        Assert.Equal(1, links.Runs);
        Assert.True(Assert.Single(await node.RecentAsync(Links)).Success);
    }

    [Fact]
    public async Task EndThatCannotBeNoted_IsNotedLater_WithTheTimeAtWhichItWas()
    {
        var links = new ScriptedJob(Links);
        await using var node = await JobNode.StartAsync(stores.Jobs, links);
        node.Store.AwayAtTheEnd = 2;

        await node.PassAsync(5 * Minute);
        await Eventually.IsAsync(() => node.Log.Count(l => l.Contains("could not be noted", StringComparison.Ordinal)) == 1);
        await node.IdleAsync();
        await node.PassAsync(2 * Second);
        await Eventually.IsAsync(() => node.Log.Count(l => l.Contains("could not be noted", StringComparison.Ordinal)) == 2);
        await node.IdleAsync();
        await node.PassAsync(2 * Second);

        await node.RunsAsync(Links, 1);
        Assert.Equal(new JobRun(Noon.AddMinutes(5), Noon.AddMinutes(5), Success: true), Assert.Single(await node.RecentAsync(Links)));
    }

    [Fact]
    public async Task DatabaseThatIsAwayWhileAJobRuns_EndsItBeforeAnotherNodeMayBegin()
    {
        DateTime? ended = null;
        var clock = new TestTimeProvider();
        var links = new ScriptedJob(Links, async cancel =>
        {
            var over = new TaskCompletionSource();
            await using var registration = cancel.Register(() =>
            {
                ended = clock.GetUtcNow().UtcDateTime;
                over.SetResult();
            });
            await over.Task;
        });
        await using var node = await JobNode.StartAsync(stores.Jobs, clock, links);
        node.Store.AwayMeanwhile = true;
        var began = node.Now;

        var byHand = node.Runner.RunAsync(Links);
        await Eventually.IsAsync(() => links.Runs == 1);
        for (var passed = TimeSpan.Zero; passed < JobRunner.Lease - JobRunner.Round; passed += JobRunner.Round)
        {
            Assert.Null(ended);

            // The time limit and the round of the run, and the loop's sleep.
            await node.SleepingAsync(3);
            node.Pass(JobRunner.Round);
        }

        Assert.True((await byHand.SoonAsync()).Ran);
        Assert.Equal(began + JobRunner.Lease - JobRunner.Round, ended);
    }
}
