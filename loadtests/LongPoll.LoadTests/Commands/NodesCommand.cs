using System.CommandLine;
using LongPoll.LoadTests.Client;
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
        Option<int> rounds = new("--rounds") { Description = "How often each number has its turn", DefaultValueFactory = _ => 20 };
        RunOptions options = new();
        Command command = new("nodes", "Plays paced on several numbers of nodes in turn, and prints how cost grows.") { counts, rounds };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync([.. parsed.GetRequiredValue(counts).Order()], parsed.GetRequiredValue(rounds), options.Read(parsed), cancel));
        return command;
    }

    private static async Task<int> RunAsync(int[] counts, int rounds, LoadSettings settings, CancellationToken cancel)
    {
        TimeProvider clock = TimeProvider.System;
        Progress progress = Progress.OfConsole(clock);
        using EventLoop loop = new(clock);
        LoadSettings all = settings with { Start = "ours", Nodes = counts[^1] };
        await using SystemUnderTest system = await new Starter(all, loop, clock, progress).StartAsync(cancel);
        Turn[] turns = [.. counts.Select(count => new Turn(count == 1 ? "1 node" : $"{count} nodes", system, [.. Enumerable.Range(0, count)]))];
        return await new Turns(turns, all, clock, progress).OneByOneAsync(rounds, cancel) ? 0 : 1;
    }
}
