using System.CommandLine;
using LongPoll.LoadTests.Commands;
using LongPoll.LoadTests.Report;
using Xunit;

namespace LongPoll.IntegrationTests.LoadTests;

/// <summary>
/// The raw floor executes the server's settle statements again, as PostgreSQL has logged them. When the statement began to take
/// arrays, its text alone no longer told their types, and no comparison came to its end.
/// </summary>
public sealed class RawFloorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("longpoll-raw-").FullName;

    [Fact]
    public async Task SettleStatements_AreExecutedAgain()
    {
        // Slowly: what arrives together shares a statement, and the first hundred statements are warm-up.
        var code = await RawCommand.Create()
            .Parse(["--waiters", "300", "--rate", "50", "--server", LoadBench.Settings.Servers[0], "--out", _folder])
            .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken);

        Assert.Equal(0, code);
        var report = RunReport.Load(Path.Combine(_folder, "raw-raw.json"));
        Assert.InRange(report.Figures["p50"].Value, report.Figures["settle p50"].Value, 1000);
        Assert.InRange(report.Figures["publish p50"].Value, 0.001, 1000);
        Assert.InRange(report.Figures["commits of twenty clients"].Value, 10, 1_000_000);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
