using System.CommandLine;
using System.Text.Json;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Report;
using LongPoll.LoadTests.Scenarios;
using LongPoll.LoadTests.Stack;

namespace LongPoll.LoadTests.Commands;

/// <summary>
/// The same load on one, two and four nodes, in turn and again: what a node more costs. Pages and callbacks are dealt out
/// over all nodes independently, so that most callbacks arrive at another node than their page.
/// </summary>
internal static class NodesCommand
{
    public static Command Create()
    {
        Option<int[]> counts = new("--counts") { Description = "Numbers of nodes (1 2 4)", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 2, 4] };
        Option<int> pairs = new("--pairs") { Description = "How often everything is repeated", DefaultValueFactory = _ => 5 };
        RunOptions options = new();
        Command command = new("nodes", "Plays paced on several numbers of nodes in turn, and prints how cost grows.") { counts, pairs };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetRequiredValue(counts), parsed.GetRequiredValue(pairs), options.Read(parsed), cancel));
        return command;
    }

    private static async Task<int> RunAsync(int[] counts, int pairs, LoadSettings settings, CancellationToken cancel)
    {
        TimeProvider clock = TimeProvider.System;
        Progress progress = Progress.OfConsole(clock);
        Dictionary<int, List<RunReport>> reports = counts.ToDictionary(count => count, _ => new List<RunReport>());
        for (int pair = 0; pair < pairs; pair++)
        {
            // There and back, so that whatever drifts meanwhile hits all alike.
            foreach (int count in pair % 2 == 0 ? counts : counts.Reverse())
            {
                progress.Say($"round {pair + 1} of {pairs}, {count} nodes");
                reports[count].Add(await PlayAsync(settings with { Start = "ours", Nodes = count, WarmUp = settings.WarmUp * count }, clock, progress, cancel));
            }
        }

        NodesReport result = NodesReport.Of(reports);
        Console.WriteLine(result.ToText());
        if (settings.Out is not null)
        {
            Directory.CreateDirectory(settings.Out);
            await File.WriteAllTextAsync(Path.Combine(settings.Out, "nodes.json"), JsonSerializer.Serialize(result, NodesJson.Default.NodesReport) + "\n", cancel);
        }

        return reports.Values.SelectMany(report => report).All(report => report.Passed) ? 0 : 1;
    }

    private static async Task<RunReport> PlayAsync(LoadSettings settings, TimeProvider clock, Progress progress, CancellationToken cancel)
    {
        using EventLoop loop = new(clock);
        await using SystemUnderTest system = await new Starter(settings, loop, clock, progress).StartAsync(cancel);
        Bench bench = new(settings, system, clock, progress);
        await bench.WarmUpAsync(cancel);
        await bench.RestAsync(cancel);
        return await new PacedScenario().RunAsync(bench, cancel);
    }
}
