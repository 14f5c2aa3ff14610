using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LongPoll.LoadTests.Measure;

namespace LongPoll.LoadTests.Report;

/// <summary>How the cost of a payment differs between the parts of a system that were measured in turn or side by side.</summary>
/// <param name="Compared">The figures that mean something, in the order in which they are shown.</param>
/// <param name="Growths">By name and figure, against the first, round by round.</param>
/// <param name="Runs">What was measured, by name, in the order in which it was; without what is for plots, and without figures that mean nothing here.</param>
internal sealed record TurnsReport(
    IReadOnlyList<string> Compared,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, Growth>> Growths,
    IReadOnlyDictionary<string, IReadOnlyList<RunReport>> Runs)
{
    /// <param name="compared">Names of figures; "CPU all" is the sum of server, Redis and PostgreSQL.</param>
    /// <param name="runs">Of each its name and its rounds; the first is what the others are compared with.</param>
    public static TurnsReport Of(IReadOnlyList<string> compared, IReadOnlyList<(string Name, List<RunReport> Rounds)> runs) => new(
        compared,
        runs.Skip(1).ToDictionary(
            other => other.Name,
            IReadOnlyDictionary<string, Growth> (other) => compared
                .Where(figure => other.Rounds.Concat(runs[0].Rounds).All(report => ValueOf(report, figure) > 0))
                .ToDictionary(figure => figure, figure => Growth.Of(runs[0].Rounds.Zip(other.Rounds, (one, two) => (ValueOf(one, figure), ValueOf(two, figure)))))),
        runs.ToDictionary(
            run => run.Name,
            run => (IReadOnlyList<RunReport>)[.. run.Rounds.Select(report => report with
            {
                Figures = report.Figures.Where(figure => compared.Contains(figure.Key)).ToDictionary(),
                Times = new Dictionary<string, Spread>(),
                Cost = null,
                Series = [],
            })]));

    public string ToText()
    {
        StringBuilder text = new();
        foreach ((string name, IReadOnlyList<RunReport> reports) in Runs)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}, medians of {reports.Count}:");
            foreach (string figure in Compared)
                text.AppendLine(CultureInfo.InvariantCulture, $"  {figure,-32} {Repetitions.MedianOf([.. reports.Select(report => ValueOf(report, figure))]),10:N3}");
        }

        foreach ((string name, IReadOnlyDictionary<string, Growth> growths) in Growths)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}, against {Runs.Keys.First()}:");
            foreach ((string figure, Growth growth) in growths)
                text.AppendLine(CultureInfo.InvariantCulture, $"  {figure,-32} {growth}");
        }

        return text.ToString().TrimEnd();
    }

    public async Task WriteAsync(string folder, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "turns.json"), JsonSerializer.Serialize(this, TurnsJson.Default.TurnsReport) + "\n", cancel);
        await File.WriteAllTextAsync(Path.Combine(folder, "turns.txt"), ToText() + "\n", cancel);
    }

    private static double ValueOf(RunReport report, string name) => name == "CPU all"
        ? report.Figures.Where(figure => figure.Key is "CPU server" or "CPU redis" or "CPU postgres").Sum(figure => figure.Value.Value)
        : report.Figures.GetValueOrDefault(name)?.Value ?? 0;
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TurnsReport))]
internal sealed partial class TurnsJson : JsonSerializerContext;
