using System.CommandLine;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Report;
using LongPoll.LoadTests.Scenarios;
using LongPoll.LoadTests.Stack;

namespace LongPoll.LoadTests.Commands;

/// <summary>Plays scenarios against one subject.</summary>
internal static class RunCommand
{
    private static readonly Dictionary<string, Func<IScenario>> Scenarios = new()
    {
        ["paced"] = () => new PacedScenario(),
        ["flood"] = () => new FloodScenario(),
        ["fanout"] = () => new FanOutScenario(),
        ["hold"] = () => new HoldScenario(),
        ["storm"] = () => new StormScenario(),
        ["mixed"] = () => new DayScenario(DayPlan.Mixed),
        ["polling"] = () => new DayScenario(DayPlan.Polling),
        ["soak"] = () => new DayScenario(DayPlan.Soak),
    };

    public static Command Create()
    {
        Argument<string[]> scenarios = new("scenarios") { Description = string.Join(", ", Scenarios.Keys), Arity = ArgumentArity.OneOrMore };
        scenarios.AcceptOnlyFromAmong([.. Scenarios.Keys]);
        RunOptions options = new();
        Command command = new("run", "Plays scenarios one after the other against one subject.") { scenarios };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetRequiredValue(scenarios), options.Read(parsed), cancel));
        return command;
    }

    private static async Task<int> RunAsync(IReadOnlyList<string> names, LoadSettings settings, CancellationToken cancel)
    {
        TimeProvider clock = TimeProvider.System;
        Progress progress = Progress.OfConsole(clock);
        using EventLoop loop = new(clock);
        await using SystemUnderTest system = await new Starter(settings, loop, clock, progress).StartAsync(cancel);
        Bench bench = new(settings, system, clock, progress);
        await bench.WarmUpAsync(cancel);
        List<RunReport> reports = [];
        foreach (string name in names)
        {
            await bench.RestAsync(cancel);
            await bench.CheckpointAsync(cancel);
            progress.Say($"{bench.Subject.Name}: {name}");
            RunReport report = await Scenarios[name]().RunAsync(bench, cancel);
            reports.Add(report);
            ConsoleReport.Write(report);
            if (settings.Out is not null)
                await ReportFiles.WriteAsync(reports, settings.Out, cancel);
        }

        return reports.All(report => report.Passed) ? 0 : 1;
    }
}
