using System.CommandLine;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Scenarios;
using LongPoll.LoadTests.Stack;

namespace LongPoll.LoadTests.Commands;

/// <summary>
/// The same load on two builds of the server, at once or in turn, each with its own orders, behind one PostgreSQL and one Redis: what a change is worth.
/// Another setting of the runtime is another build too: a copy with an edited runtimeconfig.json.
/// </summary>
internal static class BuildsCommand
{
    public static Command Create()
    {
        Argument<string[]> builds = new("builds") { Description = "Two or more LongPoll.Server.dll, the old one first", Arity = new ArgumentArity(2, 8) };
        Option<int> rounds = new("--rounds") { Description = "How many short rounds are played", DefaultValueFactory = _ => 20 };
        Option<bool> flood = new("--flood") { Description = "Plays flood in turn, and not paced side by side" };
        RunOptions options = new();
        Command command = new("builds", "Plays paced on several builds of the server side by side, and prints what differs.") { builds, rounds, flood };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(
            [.. parsed.GetRequiredValue(builds).Select(Path.GetFullPath)], parsed.GetRequiredValue(rounds), parsed.GetValue(flood), options.Read(parsed), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string[] builds, int rounds, bool flood, LoadSettings settings, CancellationToken cancel)
    {
        TimeProvider clock = TimeProvider.System;
        Progress progress = Progress.OfConsole(clock);
        using EventLoop loop = new(clock);
        LoadSettings all = settings with { Start = "ours", Nodes = builds.Length, Servers = builds };
        await using SystemUnderTest system = await new Starter(all, loop, clock, progress).StartAsync(cancel);
        Turn[] turns = [.. builds.Select((build, number) => new Turn($"{(char)('A' + number)}: {Path.GetFileName(Path.GetDirectoryName(build))}", system, [number]))];
        Turns played = new(turns, all, clock, progress);
        return await (flood ? played.FloodedAsync(rounds, cancel) : played.SideBySideAsync(rounds, cancel)) ? 0 : 1;
    }
}
