namespace LongPoll.LoadTests.Report;

/// <summary>The runs of a folder: one folder below for each repetition, or the files of a single one.</summary>
internal sealed class Repetitions
{
    private readonly List<(string Repetition, RunReport Report)> _runs;

    private Repetitions(List<(string Repetition, RunReport Report)> runs)
    {
        _runs = runs;
        Names = [.. runs.Select(run => run.Repetition).Distinct(StringComparer.Ordinal)];
        Subjects = [.. runs.Select(run => run.Report.Subject).Distinct(StringComparer.Ordinal)];
    }

    public IReadOnlyList<string> Names { get; }

    public IReadOnlyList<string> Subjects { get; }

    public IEnumerable<RunReport> All => _runs.Select(run => run.Report);

    /// <param name="path">A report, or a folder with reports.</param>
    /// <exception cref="RunImpossibleException">There is no report.</exception>
    public static Repetitions Load(string path)
    {
        string[] files = File.Exists(path) ? [path]
            : Directory.Exists(path) ? [.. Directory.GetFiles(path, "*-*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
            : [];
        return files.Length > 0
            ? new Repetitions([.. files.Select(file => (Path.GetDirectoryName(file)!, RunReport.Load(file)))])
            : throw new RunImpossibleException($"There are no reports at {path}.");
    }

    /// <summary>All values of a figure, in the order of repetitions; empty when it was not measured.</summary>
    public IReadOnlyList<double> Values(string subject, string scenario, string figure) =>
        [.. Names.Select(name => ValueOf(name, subject, scenario, figure)).OfType<double>()];

    /// <summary>The middle value; null when it was not measured.</summary>
    public double? Median(string subject, string scenario, string figure) => MedianOf(Values(subject, scenario, figure));

    /// <summary>One subject's value by another's in each repetition: what drifts from one to the next cancels out.</summary>
    public IReadOnlyList<double> Ratios((string Subject, string Scenario, string Figure) of, (string Subject, string Scenario, string Figure) by)
    {
        List<double> ratios = [];
        foreach (string name in Names)
        {
            if (ValueOf(name, of.Subject, of.Scenario, of.Figure) is { } value && ValueOf(name, by.Subject, by.Scenario, by.Figure) is { } other && other != 0)
                ratios.Add(value / other);
        }

        return ratios;
    }

    public static double? MedianOf(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            return null;
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private double? ValueOf(string repetition, string subject, string scenario, string figure) => _runs
        .FirstOrDefault(run => run.Repetition == repetition && run.Report.Subject == subject && run.Report.Scenario == scenario)
        .Report?.Figures.GetValueOrDefault(figure)?.Value;
}
