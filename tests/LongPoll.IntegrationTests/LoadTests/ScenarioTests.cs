using System.Globalization;
using LongPoll.LoadTests.Report;
using LongPoll.LoadTests.Scenarios;
using Xunit;

namespace LongPoll.IntegrationTests.LoadTests;

/// <summary>Every scenario of the load tests, with fifty pages: whether the instrument works and its counts are right. Times are nobody's promise here.</summary>
public sealed class ScenarioTests(LoadBench load) : IClassFixture<LoadBench>
{
    private const int Pages = 50;

    [Fact]
    public async Task Paced_CountsWhatAPaymentCosts()
    {
        var report = await load.With(LoadBench.Settings with { Waiters = Pages }).PlayAsync(new PacedScenario());

        AssertAnswered(report, "completed", Pages);
        Assert.Equal(Pages, report.Times["written to answered"].Count);
        Assert.InRange(report.Times["written to answered"].P50, 0.01, 10_000);
        Assert.True(report.Times["due to answered"].Max >= report.Times["written to answered"].P50);
        Assert.Equal(1, report.Figures["calls per payment"].Value);
        Assert.InRange(report.Figures["CPU server"].Value, 0.001, 1000);
        // At the least the read of every wait; callbacks may share a settlement.
        Assert.InRange(report.Figures["statements to wait and settle"].Value, 1, 20);
        Assert.InRange(report.Figures["Redis commands"].Value, 1, 100);
        Assert.InRange(report.Figures["write-ahead log"].Value, 100, 1_000_000);
    }

    [Fact]
    public async Task Paced_EveryPage_IsWrittenDown()
    {
        var report = await load.With(LoadBench.Settings with { Waiters = Pages, EveryPage = true }).PlayAsync(new PacedScenario());
        var folder = Directory.CreateTempSubdirectory("longpoll-pages-");
        try
        {
            await ReportFiles.WriteAsync([report], folder.FullName, TestContext.Current.CancellationToken);

            var lines = await File.ReadAllLinesAsync(Path.Combine(folder.FullName, "ours-paced-pages.csv"), TestContext.Current.CancellationToken);
            Assert.Equal("sentAt,milliseconds", lines[0]);
            var pages = lines[1..].Select(line => line.Split(',').Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToArray()).ToArray();
            Assert.Equal(Pages, pages.Length);
            Assert.Equal(report.Times["written to answered"].Max, pages.Max(page => page[1]), tolerance: 0.001);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Flood_ReleasesEverybody()
    {
        var report = await load.With(LoadBench.Settings with { Waiters = Pages, Rounds = 2 }).PlayAsync(new FloodScenario());

        AssertAnswered(report, "completed", 2 * Pages);
        Assert.InRange(report.Figures["released"].Value, 1, 1_000_000);
        Assert.Equal(2, Assert.Single(report.Series).Points.Count);
    }

    [Fact]
    public async Task FanOut_AnswersAllPagesOfOneOrder()
    {
        var report = await load.With(LoadBench.Settings with { FanOut = Pages, Rounds = 2 }).PlayAsync(new FanOutScenario());

        AssertAnswered(report, "completed", 2 * Pages);
        Assert.True(report.Times["written to first answered"].Max <= report.Times["written to last answered"].Max);
    }

    [Fact]
    public async Task Hold_ReadsMemoryThreeTimes_AfterCollections()
    {
        var report = await load.With(LoadBench.Settings with { Waiters = Pages }).PlayAsync(new HoldScenario());

        AssertAnswered(report, "completed", 3 * Pages);
        Assert.Equal([0, Pages, 3 * Pages], report.Memory.Select(sample => sample.Parked));
        Assert.All(report.Memory, sample => Assert.True(sample is { Collected: true, ServerBytes: > 10_000_000, KernelBytes: > 0 }));
        Assert.True(report.Figures.ContainsKey("bytes per parked page"));
    }

    [Fact]
    public async Task Storm_BringsEveryPageBack()
    {
        var report = await load.With(LoadBench.Settings with { Waiters = Pages, Duration = TimeSpan.FromSeconds(1) }).PlayAsync(new StormScenario());

        AssertAnswered(report, "completed", Pages);
        Assert.Equal(Pages, report.Times["storm to asked again"].Count);
        Assert.InRange(report.Figures["database connections"].Value, 1, 200);
    }

    [Fact]
    public async Task Day_EndsEveryPaymentAsItsBuyerDid()
    {
        var settings = LoadBench.Settings with { Waiters = Pages, Duration = TimeSpan.FromSeconds(3), Speed = 20 };

        var report = await load.With(settings).PlayAsync(new DayScenario(DayPlan.Mixed));

        Assert.True(report.Passed, report.ToJson());
        Assert.Equal(["cancelled", "completed", "failed"], report.Counts["statuses"].Keys);
        Assert.Equal(1, report.Figures["calls per payment"].Value);
        Assert.Equal(0, report.Figures["time-outs"].Value);
        Assert.Equal(1, report.Figures["statements to create"].Value);
        Assert.Contains(report.Series, series => series.Name == "server memory" && series.Points.Count > 0);
    }

    [Fact]
    public async Task Polling_AsksSeveralTimes_AndWaitsForItsTurn()
    {
        // Payments take 2 to 4 s and pages ask every half second: some seven calls, and half a pause until they notice.
        var settings = LoadBench.Settings with { Waiters = Pages, Duration = TimeSpan.FromSeconds(3), Speed = 10 };

        var report = await load.With(settings).PlayAsync(new DayScenario(DayPlan.Polling));

        Assert.True(report.Passed, report.ToJson());
        Assert.InRange(report.Figures["calls per payment"].Value, 3, 10);
        Assert.InRange(report.Figures["p50"].Value, 100, 2000);
    }

    [Fact]
    public async Task Soak_ComparesMemoryOfHalfTimeAndEnd()
    {
        var settings = LoadBench.Settings with { Waiters = Pages, Duration = TimeSpan.FromSeconds(2), Speed = 20 };

        var report = await load.With(settings).PlayAsync(new DayScenario(DayPlan.Soak));

        Assert.True(report.Passed, report.ToJson());
        Assert.Equal(2, report.Memory.Count);
        Assert.True(report.Figures.ContainsKey("memory grown from half-time to end"));
    }

    [Fact]
    public async Task Nodes_PagesAndCallbacksAreDealtOut()
    {
        var settings = LoadBench.Settings with { Waiters = Pages, Nodes = 2 };
        await using var two = await load.StartAsync(settings);

        var report = await load.With(settings, two).PlayAsync(new PacedScenario());

        AssertAnswered(report, "completed", Pages);
        Assert.Equal(2, two.Families.Count(family => family.Role == "server"));
        // Every other callback arrives at the other node: were messages lost, at most half would end so.
        Assert.InRange(report.Counts["endings"]["notified"], (Pages / 2) + 1, Pages);
    }

    [Fact]
    public async Task Floor_IsSpokenToLikeEveryPeerThatStoresNothing()
    {
        var settings = LoadBench.Settings with { Start = "floor", Waiters = Pages };
        await using var floor = await load.StartAsync(settings);

        var report = await load.With(settings, floor).PlayAsync(new PacedScenario());

        AssertAnswered(report, "completed", Pages);
        Assert.DoesNotContain(report.Figures.Keys, name => name.StartsWith("statements", StringComparison.Ordinal));
    }

    private static void AssertAnswered(RunReport report, string status, int pages)
    {
        Assert.True(report.Passed, report.ToJson());
        Assert.Equal((status, pages), Assert.Single(report.Counts["statuses"].Select(count => (count.Key, count.Value))));
        Assert.Contains("</html>", HtmlReport.Write([report]), StringComparison.Ordinal);
    }
}

internal static class Playing
{
    public static Task<RunReport> PlayAsync(this Bench bench, IScenario scenario) => scenario.RunAsync(bench, TestContext.Current.CancellationToken);
}
