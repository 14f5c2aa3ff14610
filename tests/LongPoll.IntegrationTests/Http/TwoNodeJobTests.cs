using System.Globalization;
using LongPoll.Server.Jobs;
using LongPoll.Tests.Http;
using LongPoll.Tests.Jobs;
using LongPoll.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>Two nodes on one database, with Redis between them: a tick is one run, and a run by hand is on one node.</summary>
public sealed class TwoNodeJobTests(PostgresWorld world) : IClassFixture<PostgresWorld>
{
    private const string Secret = "development-only-cron-secret";

    [Fact]
    [Trait("Acceptance", "99")]
    [Trait("Acceptance", "100")]
    [Trait("Acceptance", "103")]
    public async Task OneTick_TwoNodes_EachJobRanOnce()
    {
        var (links, stuck) = (new ScriptedJob("expired-links"), new ScriptedJob("stuck-payments"));
        TestTimeProvider[] clocks = [Clock(), Clock()];
        (string, string?)[] schedules = [("Jobs:expired-links:Schedule", "*/5 * * * *"), ("Jobs:stuck-payments:Schedule", "*/15 * * * *")];
        await using var first = await world.StartAsync(On(clocks[0], links, stuck), schedules);
        await using var second = await world.StartAsync(On(clocks[1], links, stuck), schedules);

        for (var tick = 1; tick <= 3; tick++)
        {
            foreach (var clock in clocks)
            {
                await SleepingAsync(clock);
                clock.Advance(TimeSpan.FromMinutes(5));
            }

            await Until.ValueAsync(() => TotalAsync(second, "expired-links"), total => total == tick);
        }

        await Until.ValueAsync(() => TotalAsync(first, "stuck-payments"), total => total == 1);
        await Task.WhenAll(clocks.Select(SleepingAsync));
        Assert.Equal((3, 1), (links.Runs, stuck.Runs));
        Assert.Equal(4, await world.ScalarAsync("select count(*) from job_runs where scheduled_for is not null and success"));
        Assert.Equal(4, await world.ScalarAsync("select count(distinct (job, scheduled_for)) from job_runs where scheduled_for is not null"));
    }

    [Fact]
    [Trait("Acceptance", "111")]
    public async Task ByHand_OnBothNodesAtOnce_OneRunsItAndTheOtherSaysSo()
    {
        var working = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var job = new ScriptedJob("by-hand", _ => working.Task);
        await using var first = await world.StartAsync(On(Clock(), job));
        await using var second = await world.StartAsync(On(Clock(), job));

        Task<Answer>[] asked = [PostAsync(first, "by-hand"), PostAsync(second, "by-hand")];
        var refused = await await Task.WhenAny(asked);
        refused.AssertProblem(409);
        working.SetResult();
        var answers = await Task.WhenAll(asked);

        Assert.Equal([200, 409], answers.Select(a => a.Status).Order());
        Assert.Equal(1, job.Runs);
        (await PostAsync(refused == answers[0] ? first : second, "by-hand")).AssertStatus(200);
    }

    private static Action<IServiceCollection> On(TestTimeProvider clock, params ScriptedJob[] jobs) => services =>
    {
        services.RemoveAll<IJob>();
        foreach (var job in jobs)
        {
            services.AddSingleton<IJob>(job);
        }

        services.AddSingleton(s => ActivatorUtilities.CreateInstance<JobRunner>(s, clock));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<JobScheduler>(s, clock));
    };

    // At the hour that the rest of the node believes in, a little before a quarter.
    private static TestTimeProvider Clock()
    {
        var clock = new TestTimeProvider();
        var now = TimeProvider.System.GetUtcNow();
        clock.Advance(now.AddTicks(-(now.Ticks % TimeSpan.TicksPerHour)).AddSeconds(1) - clock.GetUtcNow());
        return clock;
    }

    // The two loops of a node have nothing to do.
    private static Task SleepingAsync(TestTimeProvider clock) => Until.TrueAsync(() => clock.Waiting == 2);

    private static Task<Answer> PostAsync(Shop shop, string job) => shop.PostAsync("/jobs/" + job, body: null, ("x-cron-secret", Secret));

    private static async Task<int> TotalAsync(Shop shop, string job) =>
        (await shop.GetAsync("/jobs/" + job, ("x-cron-secret", Secret))).AssertStatus(200).Json.GetProperty("stats").GetProperty("totalExecutions").GetInt32();
}

/// <summary>The same with nothing pretended: the minute is waited for.</summary>
public sealed class JobMinuteTests(PostgresWorld world) : IClassFixture<PostgresWorld>
{
    [Fact]
    [Trait("Acceptance", "103")]
    public async Task RealMinute_TwoNodes_TheJobRanOnce()
    {
        // The fixture's own node has no schedule for this job.
        await using var first = await world.StartAsync(("Jobs:reconcile:Schedule", "* * * * *"));
        await using var second = await world.StartAsync(("Jobs:reconcile:Schedule", "* * * * *"));

        var ticks = await Until.ValueAsync(
            () => world.ScalarAsync("select count(distinct scheduled_for) from job_runs where job = 'reconcile' and ended_at is not null"), count => count >= 1, TimeSpan.FromSeconds(75));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(
            await world.ScalarAsync("select count(distinct scheduled_for) from job_runs where job = 'reconcile'"), await world.ScalarAsync("select count(*) from job_runs where job = 'reconcile'"));
        Assert.Equal(0, await world.ScalarAsync("select count(*) from job_runs where extract(second from scheduled_for) <> 0 or started_at < scheduled_for or (ended_at is not null and not success)"));
        Assert.True(ticks >= 1, ticks.ToString(CultureInfo.InvariantCulture));
    }
}
