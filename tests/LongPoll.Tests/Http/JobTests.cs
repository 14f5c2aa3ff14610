using LongPoll.Server.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Jobs are started from outside by their secret, one node at a time, and their history is told.</summary>
public abstract class JobTests(ServerWorld world)
{
    private const string Secret = "development-only-cron-secret";

    [Fact]
    [Trait("Acceptance", "165")]
    public async Task WithoutTheSecret_NothingIsRunOrTold()
    {
        await using var shop = await world.StartAsync();
        var order = await shop.PlaceAsync();
        var runs = (await Store(shop).CountAsync("reconcile", Cancel)).Total;

        foreach (var given in (string[])["", "wrong", Secret + "x", Secret[..^1]])
        {
            (await shop.PostAsync("/jobs/reconcile", body: null, ("x-cron-secret", given))).AssertProblem(401);
            (await shop.GetAsync("/jobs/reconcile", ("x-cron-secret", given))).AssertProblem(401);
        }

        (await shop.PostAsync("/jobs/reconcile")).AssertProblem(401);
        (await shop.PostAsync("/jobs/no-such-job")).AssertProblem(401);
        (await shop.PostAsync("/jobs/no-such-job", body: null, ("x-cron-secret", Secret))).AssertProblem(404);
        (await shop.GetAsync("/jobs/no-such-job", ("x-cron-secret", Secret))).AssertProblem(404);
        Assert.Equal(runs, (await Store(shop).CountAsync("reconcile", Cancel)).Total);
        (await shop.ReadAsync(order)).AssertView("processing");
    }

    [Fact]
    public async Task Started_TellsHowItEnded_AndItsHistory()
    {
        await using var shop = await world.StartAsync(("Jobs:CronSecret", "another-secret"));
        var before = await Store(shop).CountAsync("reconcile", Cancel);

        var result = await shop.PostAsync("/jobs/reconcile", body: null, ("x-cron-secret", "another-secret"));
        var told = await shop.GetAsync("/jobs/reconcile", ("x-cron-secret", "another-secret"));

        Assert.Equal(200, result.Status);
        Assert.Equal("reconcile", result.Json.GetProperty("jobName").GetString());
        Assert.True(result.Json.GetProperty("success").GetBoolean());
        var stats = told.Json.GetProperty("stats");
        Assert.Equal(before.Total + 1, stats.GetProperty("totalExecutions").GetInt64());
        Assert.Equal(before.Succeeded + 1, stats.GetProperty("successCount").GetInt64());
        Assert.Equal(before.Total - before.Succeeded, stats.GetProperty("failureCount").GetInt64());
        Assert.True(stats.GetProperty("lastExecution").GetProperty("success").GetBoolean());
        Assert.NotEqual(0, told.Json.GetProperty("recentExecutions").GetArrayLength());
    }

    [Fact]
    [Trait("Acceptance", "158")]
    public async Task Stats_OfAHundredRunsWithTwoFailures_AreRight()
    {
        await using var shop = await world.StartAsync();
        var began = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var n = 0; n < 100; n++)
        {
            var (run, at) = (Guid.CreateVersion7(), began.AddMinutes(n));
            Assert.True(await Store(shop).TryBeginAsync(run, "counted", at, at.AddMinutes(6), Cancel));
            await Store(shop).EndAsync(run, at.AddMilliseconds(n < 50 ? 400 : 500), success: n is not (7 or 70), Cancel);
        }

        var stats = await Store(shop).CountAsync("counted", Cancel);

        Assert.Equal((100, 98, 450.0, 98.0), (stats.Total, stats.Succeeded, Math.Round(stats.AverageDuration, 3), stats.SuccessRate));
        var recent = await Store(shop).FindRecentAsync("counted", 10, Cancel);
        Assert.Equal(Enumerable.Range(90, 10).Reverse().Select(n => began.AddMinutes(n)), recent.Select(r => r.StartedAt));
        Assert.All(recent, r => Assert.True(r.Success));
    }

    [Fact]
    public async Task RunningElsewhere_Is409_UntilItEnds()
    {
        await using var shop = await world.StartAsync();
        var (now, elsewhere) = (TimeProvider.System.GetUtcNow().UtcDateTime, Guid.CreateVersion7());
        Assert.True(await Store(shop).TryBeginAsync(elsewhere, "reconcile", now.AddMinutes(-1), now.AddMinutes(5), Cancel));

        (await shop.PostAsync("/jobs/reconcile", body: null, ("x-cron-secret", Secret))).AssertProblem(409);
        await Store(shop).EndAsync(elsewhere, now, success: true, Cancel);

        Assert.Equal(200, (await shop.PostAsync("/jobs/reconcile", body: null, ("x-cron-secret", Secret))).Status);
    }

    [Fact]
    public async Task NodeDiedUnderIt_RunEndsAsFailedWhenItsLeaseIsOver()
    {
        await using var shop = await world.StartAsync();
        var (began, dead, next) = (new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), Guid.CreateVersion7(), Guid.CreateVersion7());
        Assert.True(await Store(shop).TryBeginAsync(dead, "held", began, began.AddMinutes(6), Cancel));
        Assert.False(await Store(shop).TryBeginAsync(next, "held", began.AddMinutes(5), began.AddMinutes(11), Cancel));

        Assert.True(await Store(shop).TryBeginAsync(next, "held", began.AddMinutes(6), began.AddMinutes(12), Cancel));

        Assert.Equal([new JobRun(began.AddMinutes(6), null, false), new JobRun(began, began.AddMinutes(6), false)], await Store(shop).FindRecentAsync("held", 10, Cancel));

        // Whoever was thought dead cannot end what is not theirs any more.
        await Store(shop).EndAsync(dead, began.AddMinutes(7), success: true, Cancel);
        Assert.Equal(new JobStats(1, 0, 360_000), await Store(shop).CountAsync("held", Cancel));
        Assert.False(await Store(shop).TryBeginAsync(Guid.CreateVersion7(), "held", began.AddMinutes(7), began.AddMinutes(13), Cancel));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static IJobStore Store(Shop shop) => shop.Services.GetRequiredService<IJobStore>();
}
