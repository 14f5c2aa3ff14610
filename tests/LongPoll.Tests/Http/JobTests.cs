using System.Text.Json;
using LongPoll.Server.Jobs;
using LongPoll.Server.Payments;
using LongPoll.Tests.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Jobs are started from outside by their secret, one node at a time, and their history is told.</summary>
public abstract class JobTests(ServerWorld world)
{
    private const string Secret = "development-only-cron-secret";

    // No name of a real job: its runs are counted, and the suite's nodes share a database.
    private const string Counted = "counted";

    [Fact]
    [Trait("Acceptance", "101")]
    [Trait("Acceptance", "165")]
    public async Task WithoutTheSecret_NothingIsRunOrTold()
    {
        await using var shop = await world.StartAsync();
        var order = await shop.PlaceAsync();
        var runs = (await StatsAsync(shop, "reconcile")).Total;

        foreach (var given in (string[])["", "wrong", Secret + "x", Secret[..^1]])
        {
            (await shop.PostAsync("/jobs/reconcile", body: null, ("x-cron-secret", given))).AssertProblem(401);
            (await shop.GetAsync("/jobs/reconcile", ("x-cron-secret", given))).AssertProblem(401);
        }

        (await shop.PostAsync("/jobs/reconcile")).AssertProblem(401);
        (await shop.PostAsync("/jobs/no-such-job")).AssertProblem(401);
        (await PostAsync(shop, "no-such-job")).AssertProblem(404);
        (await GetAsync(shop, "no-such-job")).AssertProblem(404);
        Assert.Equal(runs, (await StatsAsync(shop, "reconcile")).Total);
        (await shop.ReadAsync(order)).AssertView("processing");
    }

    [Theory]
    [Trait("Acceptance", "101")]
    [Trait("Acceptance", "102")]
    [InlineData("Jobs:CronSecret")]
    [InlineData("CRON_SECRET")]
    public async Task Started_TellsHowItEnded_AndItsHistory(string key)
    {
        await using var shop = await world.StartAsync((key, "another-secret"));
        var before = await StatsAsync(shop, "reconcile");

        var result = await shop.PostAsync("/jobs/reconcile", body: null, ("x-cron-secret", "another-secret"));
        var told = await shop.GetAsync("/jobs/reconcile", ("x-cron-secret", "another-secret"));

        Assert.Equal(200, result.Status);
        Assert.Equal("reconcile", result.Json.GetProperty("jobName").GetString());
        Assert.True(result.Json.GetProperty("success").GetBoolean());
        Assert.True(result.Json.GetProperty("duration").GetDouble() >= 0);
        var stats = told.Json.GetProperty("stats");
        Assert.Equal(before.Total + 1, stats.GetProperty("totalExecutions").GetInt64());
        Assert.Equal(before.Succeeded + 1, stats.GetProperty("successCount").GetInt64());
        Assert.Equal(before.Total - before.Succeeded, stats.GetProperty("failureCount").GetInt64());
        Assert.True(stats.GetProperty("lastExecution").GetProperty("success").GetBoolean());
        Assert.NotEqual(0, told.Json.GetProperty("recentExecutions").GetArrayLength());
        (await PostAsync(shop, "reconcile")).AssertProblem(401);
    }

    [Theory]
    [Trait("Acceptance", "99")]
    [Trait("Acceptance", "100")]
    [Trait("Acceptance", "111")]
    [InlineData("expired-links")]
    [InlineData("stuck-payments")]
    public async Task ByHand_EachJobIsRunAtOnceUnderBothPaths(string name)
    {
        var job = new ScriptedJob(name);
        await using var shop = await world.StartAsync(With(job), ("Logging:LogLevel:Default", "Information"), ("Logging:Console:LogLevel:Default", "None"));
        using var log = LogCapture.On(shop);

        foreach (var path in (string[])["/jobs/", "/api/jobs/"])
        {
            var result = await shop.PostAsync(path + name, body: null, ("x-cron-secret", Secret));
            Assert.Equal((200, name, true), (result.Status, result.Json.GetProperty("jobName").GetString(), result.Json.GetProperty("success").GetBoolean()));
            Assert.Equal(name, (await shop.GetAsync(path + name, ("x-cron-secret", Secret))).AssertStatus(200).Json.GetProperty("jobName").GetString());
        }

        Assert.Equal(2, job.Runs);
        await log.HasAsync($"Job {name} completed");
    }

    // The document's own example, and its shape to the letter.
    [Fact]
    [Trait("Acceptance", "106")]
    [Trait("Acceptance", "107")]
    [Trait("Acceptance", "108")]
    [Trait("Acceptance", "158")]
    public async Task Status_OfAHundredRunsWithTwoFailures_IsTheDocumentsExample()
    {
        await using var shop = await world.StartAsync(With(new ScriptedJob(Counted)));
        var began = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var n = 0; n < 100; n++)
        {
            var (run, at) = (Guid.CreateVersion7(), began.AddMinutes(n));
            Assert.True(await Store(shop).TryBeginAsync(run, Counted, at, at, at.AddSeconds(30), Cancel));
            await Store(shop).EndAsync(run, at.AddMilliseconds(n < 50 ? 400 : 500), success: n is not (7 or 70), Cancel);
        }

        var told = (await GetAsync(shop, Counted)).AssertStatus(200).Json;

        Assert.Equal(["jobName", "stats", "recentExecutions"], Names(told));
        Assert.Equal(Counted, told.GetProperty("jobName").GetString());
        var stats = told.GetProperty("stats");
        Assert.Equal(["totalExecutions", "successCount", "failureCount", "averageDuration", "successRate", "lastExecution"], Names(stats));
        Assert.Equal(
            """{"totalExecutions":100,"successCount":98,"failureCount":2,"averageDuration":450,"successRate":98,"lastExecution":{"startTime":"2026-01-01T01:39:00Z","endTime":"2026-01-01T01:39:00.5Z","success":true}}""",
            stats.GetRawText());
        var recent = told.GetProperty("recentExecutions").EnumerateArray().ToArray();
        Assert.Equal(Enumerable.Range(90, 10).Reverse().Select(n => began.AddMinutes(n)), recent.Select(r => r.GetProperty("startTime").GetDateTime()));
        Assert.All(recent, r => Assert.Equal(["startTime", "endTime", "success"], Names(r)));
    }

    [Fact]
    [Trait("Acceptance", "108")]
    public async Task Status_OfAJobThatNeverRan_IsZeroes()
    {
        await using var shop = await world.StartAsync(With(new ScriptedJob("never-run")));

        var told = (await GetAsync(shop, "never-run")).AssertStatus(200).Json;

        Assert.Equal("""{"totalExecutions":0,"successCount":0,"failureCount":0,"averageDuration":0,"successRate":0,"lastExecution":null}""", told.GetProperty("stats").GetRawText());
        Assert.Equal(0, told.GetProperty("recentExecutions").GetArrayLength());
    }

    [Fact]
    [Trait("Acceptance", "104")]
    public async Task JobThatFails_IsToldAsFailed_AndRunsAgain()
    {
        var job = new ScriptedJob("failing", _ => throw new InvalidOperationException("no link of tom@example.com"));
        await using var shop = await world.StartAsync(With(job));
        using var log = LogCapture.On(shop);

        var failed = (await PostAsync(shop, "failing")).AssertStatus(200);
        job.Work = null;
        var worked = (await PostAsync(shop, "failing")).AssertStatus(200);

        Assert.False(failed.Json.GetProperty("success").GetBoolean());
        Assert.DoesNotContain("tom@", failed.Text, StringComparison.Ordinal);
        Assert.True(worked.Json.GetProperty("success").GetBoolean());
        var stats = (await GetAsync(shop, "failing")).Json.GetProperty("stats");
        Assert.Equal((1, 50), (stats.GetProperty("failureCount").GetInt32(), stats.GetProperty("successRate").GetInt32()));
        Assert.Contains(log.Lines, l => l.StartsWith("Warning", StringComparison.Ordinal) && l.Contains("Job failing failed: InvalidOperationException", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Lines, l => l.Contains("tom@", StringComparison.Ordinal));
    }

    // What executeJob did with enabled: false, which was nothing.
    [Theory]
    [Trait("Acceptance", "105")]
    [InlineData("Jobs:stuck-payments:Enabled")]
    [InlineData("Jobs:stuck_payments:Enabled")]
    public async Task JobThatIsSwitchedOff_IsNotRunByHandEither(string key)
    {
        var (off, on) = (new ScriptedJob("stuck-payments"), new ScriptedJob("expired-links"));
        await using var shop = await world.StartAsync(With(off, on), (key, "false"));

        var refused = (await PostAsync(shop, "stuck-payments")).AssertProblem(409);

        Assert.Contains("Jobs:stuck-payments:Enabled", refused.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, off.Runs);
        (await GetAsync(shop, "stuck-payments")).AssertStatus(200);
        (await PostAsync(shop, "expired-links")).AssertStatus(200);
    }

    [Fact]
    public async Task RunningElsewhere_Is409_UntilItEnds()
    {
        await using var shop = await world.StartAsync(With(new ScriptedJob("held-elsewhere")));
        var (now, elsewhere) = (TimeProvider.System.GetUtcTimestamp(), Guid.CreateVersion7());
        Assert.True(await Store(shop).TryBeginAsync(elsewhere, "held-elsewhere", tick: null, now.AddMinutes(-1), now.AddMinutes(5), Cancel));

        (await PostAsync(shop, "held-elsewhere")).AssertProblem(409);
        Assert.Equal(JsonValueKind.Null, (await GetAsync(shop, "held-elsewhere")).Json.GetProperty("recentExecutions")[0].GetProperty("endTime").ValueKind);
        await Store(shop).EndAsync(elsewhere, now, success: true, Cancel);

        (await PostAsync(shop, "held-elsewhere")).AssertStatus(200);
    }

    [Fact]
    [Trait("Acceptance", "104")]
    public async Task NodeDiedUnderIt_RunEndsAsFailedWithItsLease()
    {
        await using var shop = await world.StartAsync();
        var (began, dead, next) = (new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), Guid.CreateVersion7(), Guid.CreateVersion7());
        Assert.True(await Store(shop).TryBeginAsync(dead, "held", tick: null, began, began.AddMinutes(6), Cancel));
        Assert.False(await Store(shop).TryBeginAsync(next, "held", tick: null, began.AddMinutes(5), began.AddMinutes(11), Cancel));

        // Whoever asks hears of it before anybody has noted it.
        Assert.Equal(new JobRun(began, null, false), Assert.Single(await Store(shop).FindRecentAsync("held", began.AddMinutes(5), 10, Cancel)));
        Assert.Equal(new JobRun(began, began.AddMinutes(6), false), Assert.Single(await Store(shop).FindRecentAsync("held", began.AddHours(1), 10, Cancel)));
        Assert.True(await Store(shop).TryBeginAsync(next, "held", tick: null, began.AddMinutes(60), began.AddMinutes(61), Cancel));

        Assert.Equal(
            [new JobRun(began.AddMinutes(60), null, false), new JobRun(began, began.AddMinutes(6), false)], await Store(shop).FindRecentAsync("held", began.AddMinutes(60), 10, Cancel));

        // Whoever was thought dead can neither end nor hold what is not theirs any more.
        await Store(shop).EndAsync(dead, began.AddMinutes(60), success: true, Cancel);
        Assert.False(await Store(shop).RenewAsync(dead, began.AddHours(2), Cancel));
        Assert.Equal(new JobStats(1, 0, 360_000), await Store(shop).CountAsync("held", began.AddMinutes(60), Cancel));
        Assert.False(await Store(shop).TryBeginAsync(Guid.CreateVersion7(), "held", tick: null, began.AddMinutes(60), began.AddMinutes(62), Cancel));
    }

    // A tick needs a plan, and a plan a job. These are the real ones.
    [Fact]
    [Trait("Acceptance", "99")]
    [Trait("Acceptance", "100")]
    public async Task EveryJob_IsPlannedAndRuns()
    {
        await using var shop = await world.StartAsync();

        Assert.Equal(JobPlans.All.Select(p => p.Name).Order(StringComparer.Ordinal), shop.Services.GetServices<IJob>().Select(j => j.Name).Order(StringComparer.Ordinal));
        foreach (var plan in JobPlans.All)
        {
            Assert.True((await PostAsync(shop, plan.Name)).AssertStatus(200).Json.GetProperty("success").GetBoolean(), plan.Name);
        }
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static IJobStore Store(Shop shop) => shop.Services.GetRequiredService<IJobStore>();

    private static Task<JobStats> StatsAsync(Shop shop, string job) => Store(shop).CountAsync(job, TimeProvider.System.GetUtcTimestamp(), Cancel);

    private static Task<Answer> PostAsync(Shop shop, string job) => shop.PostAsync("/jobs/" + job, body: null, ("x-cron-secret", Secret));

    private static Task<Answer> GetAsync(Shop shop, string job) => shop.GetAsync("/jobs/" + job, ("x-cron-secret", Secret));

    private static string[] Names(JsonElement json) => [.. json.EnumerateObject().Select(p => p.Name)];

    private static Action<IServiceCollection> With(params ScriptedJob[] jobs) => services =>
    {
        services.RemoveAll<IJob>();
        foreach (var job in jobs)
        {
            services.AddSingleton<IJob>(job);
        }
    };
}
