using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Report.Plots;

namespace LongPoll.LoadTests.Report;

/// <summary>All subjects of interleaved repetitions side by side.</summary>
internal sealed record PeerTable
{
    private static readonly (string Scenario, string Figure, string Head)[] Columns =
    [
        ("paced", "p50", "paced p50, ms"),
        ("paced", "p99", "paced p99, ms"),
        ("flood", "released", "flood, released a second"),
        ("fanout", "last answered", "fan-out, last answered, ms"),
        ("paced", "CPU server", "server CPU, s per 1,000 payments"),
        ("paced", "CPU redis", "Redis CPU, s per 1,000"),
        ("paced", "CPU postgres", "PostgreSQL CPU, s per 1,000"),
        ("hold", "bytes per parked page", "bytes per parked page"),
    ];

    private static readonly (string Subject, string Name, string Short)[] Order =
    [
        ("ours", "**LongPoll**", "LongPoll"),
        ("node", "Node: Express, ioredis, pg (document 003)", "Node"),
        ("nchan", "nchan, memory only, stores nothing", "nchan *"),
        ("nchan-redis", "nchan through Redis, stores nothing", "nchan, Redis *"),
        ("floor", "Kestrel floor: parks and answers, stores nothing", "Kestrel floor *"),
    ];

    public string? Commit { get; init; }

    public MachineFacts? Machine { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public required int Repetitions { get; init; }

    /// <summary>Whether every page of every run was answered as promised.</summary>
    public required bool Passed { get; init; }

    /// <summary>By subject and column: median, least and most.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyDictionary<string, double[]>> Subjects { get; init; }

    public required IReadOnlyList<Goal> Goals { get; init; }

    public static PeerTable Of(Repetitions runs)
    {
        RunReport first = runs.All.OrderBy(run => run.StartedAt).First(run => run.StartedAt != default);
        return new PeerTable
        {
            Commit = first.Commit,
            Machine = first.Machine,
            StartedAt = first.StartedAt,
            Repetitions = runs.Names.Count,
            Passed = runs.All.All(run => run.Passed),
            Subjects = runs.Subjects.ToDictionary(subject => subject, subject => (IReadOnlyDictionary<string, double[]>)FiguresOf(runs, subject)),
            Goals = Report.Goals.Check(runs),
        };
    }

    public string ToMarkdown()
    {
        StringBuilder text = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"Medians of {Repetitions} interleaved repetitions (least–most), {StartedAt:yyyy-MM-dd}, commit {Commit}.");
        if (Machine is { } machine)
        {
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{machine.Cores} × {machine.Processor}, Linux {machine.Kernel}; runner, servers, Redis and PostgreSQL (fsync on) shared them; {machine.OpenFileLimit:N0} open files a process, ports {machine.LocalPorts}, load average before {machine.LoadAverage:0.0}.");
        }

        text.AppendLine().AppendLine($"| | {string.Join(" | ", Columns.Select(column => column.Head))} |");
        text.AppendLine($"|---|{string.Concat(Enumerable.Repeat("---|", Columns.Length))}");
        foreach ((string subject, string name, _) in Order.Where(subject => Subjects.ContainsKey(subject.Subject)))
            text.AppendLine($"| {name} | {string.Join(" | ", Columns.Select(column => Cell(Subjects[subject], column.Head)))} |");
        text.AppendLine().AppendLine("| goal | wanted | measured | |").AppendLine("|---|---|---|---|");
        foreach (Goal goal in Goals)
            text.AppendLine($"| {goal.Name} | {goal.Wanted} | {goal.Measured} | {goal.IsMet switch { true => "met", false => "**not met**", null => "not measured" }} |");
        return text.ToString();
    }

    public string ToSvg() => BarPlot.Draw("* stores nothing. Medians; lines from the least to the most.", [.. Columns.Select(column => new BarPanel(column.Head, BarsOf(column.Head))).Where(panel => panel.Bars.Count > 0)]);

    private static Dictionary<string, double[]> FiguresOf(Repetitions runs, string subject)
    {
        Dictionary<string, double[]> figures = [];
        foreach ((string scenario, string figure, string head) in Columns)
        {
            if (runs.Values(subject, scenario, figure) is { Count: > 0 } values)
                figures[head] = [Report.Repetitions.MedianOf(values)!.Value, values.Min(), values.Max()];
        }

        return figures;
    }

    private List<Bar> BarsOf(string head) =>
        [.. Order
            .Select(subject => (subject.Short, IsOurs: subject == Order[0], Values: Subjects.GetValueOrDefault(subject.Subject)?.GetValueOrDefault(head)))
            .Where(subject => subject.Values is not null)
            .Select(subject => new Bar(subject.Short, subject.Values![0], subject.Values[1], subject.Values[2], subject.IsOurs))];

    private static string Cell(IReadOnlyDictionary<string, double[]> figures, string head) =>
        figures.GetValueOrDefault(head) is { } values ? $"{Number(values[0])} ({Number(values[1])}–{Number(values[2])})" : "–";

    private static string Number(double value) => value.ToString(value >= 100 ? "N0" : "0.##", CultureInfo.InvariantCulture);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(PeerTable))]
internal sealed partial class PeerTableJson : JsonSerializerContext;
