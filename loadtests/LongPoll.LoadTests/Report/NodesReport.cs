using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using LongPoll.LoadTests.Measure;

namespace LongPoll.LoadTests.Report;

/// <summary>How the cost of a payment grows with the number of nodes.</summary>
/// <param name="Growths">By number of nodes and figure, against the smallest number of nodes.</param>
/// <param name="Runs">All that was measured, by number of nodes, in the order in which it was.</param>
internal sealed record NodesReport(
    IReadOnlyDictionary<int, IReadOnlyDictionary<string, Growth>> Growths, IReadOnlyDictionary<int, IReadOnlyList<RunReport>> Runs)
{
    private static readonly string[] Compared =
        ["CPU server", "CPU redis", "CPU postgres", "CPU all", "statements to wait and settle", "Redis commands", "p50", "p99"];

    public static NodesReport Of(Dictionary<int, List<RunReport>> runs)
    {
        int fewest = runs.Keys.Min();
        Dictionary<int, IReadOnlyDictionary<string, Growth>> growths = [];
        foreach ((int count, List<RunReport> more) in runs.Where(run => run.Key != fewest))
        {
            growths[count] = Compared
                .Where(name => more.Concat(runs[fewest]).All(report => ValueOf(report, name) > 0))
                .ToDictionary(name => name, name => Growth.Of(runs[fewest].Zip(more, (few, many) => (ValueOf(few, name), ValueOf(many, name)))));
        }

        return new NodesReport(growths, runs.ToDictionary(run => run.Key, run => (IReadOnlyList<RunReport>)run.Value));
    }

    public string ToText()
    {
        StringBuilder text = new();
        int fewest = Runs.Keys.Min();
        foreach ((int count, IReadOnlyList<RunReport> reports) in Runs)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{count} nodes, medians of {reports.Count}:");
            foreach (string name in Compared)
                text.AppendLine(CultureInfo.InvariantCulture, $"  {name,-32} {Median([.. reports.Select(report => ValueOf(report, name))]),10:N3}");
        }

        foreach ((int count, IReadOnlyDictionary<string, Growth> growths) in Growths)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"From {fewest} to {count} nodes:");
            foreach ((string name, Growth growth) in growths)
                text.AppendLine(CultureInfo.InvariantCulture, $"  {name,-32} {growth}");
        }

        return text.ToString().TrimEnd();
    }

    private static double ValueOf(RunReport report, string name) => name == "CPU all"
        ? report.Figures.Where(figure => figure.Key is "CPU server" or "CPU redis" or "CPU postgres").Sum(figure => figure.Value.Value)
        : report.Figures.GetValueOrDefault(name)?.Value ?? 0;

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NodesReport))]
internal sealed partial class NodesJson : JsonSerializerContext;
