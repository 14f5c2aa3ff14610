using System.CommandLine;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Scenarios;
using LongPoll.LoadTests.Stack;

namespace LongPoll.LoadTests.Commands;

/// <summary>
/// The same load on one, two and four nodes: what a node more costs. In turn and again, in one running system; or together, each number with a
/// PostgreSQL and a Redis of its own, so that all have the same machine in the same seconds. Pages and callbacks are dealt out
/// over all nodes independently, so that most callbacks arrive at another node than their page.
/// </summary>
internal static class NodesCommand
{
    public static Command Create()
    {
        Option<int[]> counts = new("--counts") { Description = "Numbers of nodes (1 2 4)", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [1, 2, 4] };
        Option<int> rounds = new("--rounds") { Description = "How often each number has its turn", DefaultValueFactory = _ => 20 };
        Option<bool> together = new("--together") { Description = "Plays all numbers at once, each with its own database, and not in turn" };
        RunOptions options = new();
        Command command = new("nodes", "Plays paced on several numbers of nodes, in turn or together, and prints how cost grows.") { counts, rounds, together };
        options.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            int[] numbers = [.. parsed.GetRequiredValue(counts).Order()];
            return parsed.GetValue(together)
                ? TogetherAsync(numbers, parsed.GetRequiredValue(rounds), options.Read(parsed), cancel)
                : InTurnAsync(numbers, parsed.GetRequiredValue(rounds), options.Read(parsed), cancel);
        });
        return command;
    }

    private static async Task<int> InTurnAsync(int[] counts, int rounds, LoadSettings settings, CancellationToken cancel)
    {
        TimeProvider clock = TimeProvider.System;
        Progress progress = Progress.OfConsole(clock);
        using EventLoop loop = new(clock);
        LoadSettings all = settings with { Start = "ours", Nodes = counts[^1] };
        await using SystemUnderTest system = await new Starter(all, loop, clock, progress).StartAsync(cancel);
        Turn[] turns = [.. counts.Select(count => TurnOf(count, system))];
        return await new Turns(turns, all, clock, progress).OneByOneAsync(rounds, cancel) ? 0 : 1;
    }

    private static async Task<int> TogetherAsync(int[] counts, int rounds, LoadSettings settings, CancellationToken cancel)
    {
        TimeProvider clock = TimeProvider.System;
        Progress progress = Progress.OfConsole(clock);
        using EventLoop loop = new(clock);
        List<SystemUnderTest> systems = [];
        try
        {
            foreach (int count in counts)
                systems.Add(await new Starter(settings with { Start = "ours", Nodes = count }, loop, clock, progress).StartAsync(cancel));
            Turn[] turns = [.. counts.Zip(systems, TurnOf)];
            return await new Turns(turns, settings, clock, progress).ApartAsync(rounds, cancel) ? 0 : 1;
        }
        finally
        {
            foreach (SystemUnderTest system in systems)
                await system.DisposeAsync();
        }
    }

    private static Turn TurnOf(int count, SystemUnderTest system) => new(count == 1 ? "1 node" : $"{count} nodes", system, [.. Enumerable.Range(0, count)]);
}
