using System.CommandLine;
using System.Text.Json;
using LongPoll.LoadTests.Commands;
using Xunit;

namespace LongPoll.IntegrationTests.LoadTests;

/// <summary>Nodes and builds that take turns in one running system, and builds that run side by side: whether everybody is answered, and each is counted.</summary>
public sealed class TurnsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("longpoll-turns-").FullName;

    [Fact]
    public async Task Nodes_TakeTurns_AndWhoStoodStillGoesOn()
    {
        await RunAsync(rounds: 2, NodesCommand.Create(), "--counts", "2", "1", "--server", LoadBench.Settings.Servers[0]);

        using var result = Result();
        AssertRounds(result, 2, "1 node", "2 nodes");
        AssertCompared(result, "2 nodes", "CPU all", "statements to wait and settle", "p50");
    }

    [Fact]
    public async Task Nodes_Together_EachWithADatabaseOfItsOwn()
    {
        await RunAsync(rounds: 1, NodesCommand.Create(), "--counts", "1", "2", "--together", "--server", LoadBench.Settings.Servers[0]);

        using var result = Result();
        AssertRounds(result, 1, "1 node", "2 nodes");
        AssertCompared(result, "2 nodes", "CPU all", "statements to wait and settle", "p50");
    }

    [Fact]
    public async Task Builds_AreMeasuredSideBySide()
    {
        await RunAsync(rounds: 2, BuildsCommand.Create(), LoadBench.Settings.Servers[0], LoadBench.Settings.Servers[0]);

        using var result = Result();
        var names = result.RootElement.GetProperty("runs").EnumerateObject().Select(run => run.Name).ToArray();
        Assert.Equal(["A", "B"], names.Select(name => name[..1]));
        AssertRounds(result, 2, names);
        AssertCompared(result, names[1], "CPU server", "p50", "p99");
    }

    [Fact]
    public async Task Builds_TakeTurnsInAFlood()
    {
        // Processor time is counted in hundredths of a second: thirty payments of a flood may take none at all.
        await RunAsync(rounds: 1, waiters: 400, BuildsCommand.Create(), LoadBench.Settings.Servers[0], LoadBench.Settings.Servers[0], "--flood");

        using var result = Result();
        var names = result.RootElement.GetProperty("runs").EnumerateObject().Select(run => run.Name).ToArray();
        AssertRounds(result, 1, names);
        AssertCompared(result, names[1], "CPU all", "released");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task RunAsync(int rounds, Command command, params string[] arguments) => RunAsync(rounds, waiters: 30, command, arguments);

    private async Task RunAsync(int rounds, int waiters, Command command, params string[] arguments) => Assert.Equal(0, await command
        .Parse([.. arguments, "--rounds", $"{rounds}", "--waiters", $"{waiters}", "--warm-up", "0", "--out", _folder])
        .InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, TestContext.Current.CancellationToken));

    private JsonDocument Result() => JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "turns.json")));

    private static void AssertRounds(JsonDocument result, int count, params string[] names)
    {
        foreach (var name in names)
        {
            var rounds = result.RootElement.GetProperty("runs").GetProperty(name);
            Assert.Equal(count, rounds.GetArrayLength());
            Assert.All(rounds.EnumerateArray(), round => Assert.True(round.GetProperty("passed").GetBoolean(), round.ToString()));
        }
    }

    private static void AssertCompared(JsonDocument result, string name, params string[] figures)
    {
        var growths = result.RootElement.GetProperty("growths").GetProperty(name);
        Assert.All(figures, figure => Assert.InRange(growths.GetProperty(figure).GetProperty("ratio").GetDouble(), 0.01, 100));
    }
}
