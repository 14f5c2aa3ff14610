namespace LongPoll.LoadTests.Report;

/// <summary>One line of the table of goals, held against what was measured.</summary>
/// <param name="Name">The figure.</param>
/// <param name="Wanted">What was promised.</param>
/// <param name="Measured">What it is, in words.</param>
/// <param name="IsMet">Null when something that it needs was not measured.</param>
internal sealed record Goal(string Name, string Wanted, string Measured, bool? IsMet);

/// <summary>The goals, and how each is checked. Ratios are medians of the repetitions' own ratios.</summary>
internal static class Goals
{
    private const string Ours = "ours";
    private const string Cpu = "CPU server";
    private const string Memory = "bytes per parked page";

    public static IReadOnlyList<Goal> Check(Repetitions runs)
    {
        double? statements = runs.Median(Ours, "paced", "statements to wait and settle");
        if (runs.Median(Ours, "paced", "statements to keep sessions") is { } resets)
            statements += resets;
        return
        [
            AtMost(runs, "paced p50", "paced", "p50", "node", 0.8),
            AboveRaw(runs),
            AtMost(runs, "paced p50 (stretch)", "paced", "p50", "node", 0.5),
            AtMost(runs, "paced p99", "paced", "p99", "node", 0.5),
            Limit("paced p99 (stretch)", runs.Median(Ours, "paced", "p99"), 2, "ms"),
            AtLeast(runs, "flood", "flood", "released", ("node", "flood", "released"), 4),
            AtLeast(runs, "flood (stretch)", "flood", "released", ("raw", "raw", "commits of twenty clients"), 1),
            AtMost(runs, "fan-out", "fanout", "last answered", "nchan", 1),
            AtMost(runs, "fan-out (stretch)", "fanout", "last answered", "floor", 1),
            AtMost(runs, "server CPU, paced", "paced", Cpu, "node", 0.5),
            AtMost(runs, "server CPU, paced (stretch)", "paced", Cpu, "floor", 1.2),
            Limit("bytes per parked page", runs.Median(Ours, "hold", Memory), 10_500, "bytes"),
            AtMost(runs, "bytes per parked page", "hold", Memory, "nchan", 1),
            Limit("bytes per parked page (stretch)", runs.Median(Ours, "hold", Memory), 8_000, "bytes"),
            Limit("calls until green", runs.Median(Ours, "paced", "calls per payment"), 1, "per payment"),
            Limit("database statements to wait and settle", statements, 3, "per payment"),
        ];
    }

    private static Goal AtMost(Repetitions runs, string name, string scenario, string figure, string other, double limit)
    {
        IReadOnlyList<double> ratios = runs.Ratios((Ours, scenario, figure), (other, scenario, figure));
        return Ratio(name, $"≤ {limit:0.##} × {other}", ratios, other, ratio => ratio <= limit);
    }

    private static Goal AtLeast(
        Repetitions runs, string name, string scenario, string figure, (string Subject, string Scenario, string Figure) other, double limit)
    {
        IReadOnlyList<double> ratios = runs.Ratios((Ours, scenario, figure), other);
        string what = other.Subject == "raw" ? other.Figure : other.Subject;
        return Ratio(name, $"≥ {limit:0.##} × {what}", ratios, what, ratio => ratio >= limit);
    }

    private static Goal Ratio(string name, string wanted, IReadOnlyList<double> ratios, string other, Predicate<double> isMet) =>
        Repetitions.MedianOf(ratios) is { } ratio
            ? new Goal(name, wanted, FormattableString.Invariant($"{ratio:0.00} × {other} ({ratios.Min():0.00}–{ratios.Max():0.00})"), isMet(ratio))
            : new Goal(name, wanted, "not measured", null);

    private static Goal AboveRaw(Repetitions runs)
    {
        const double Allowed = 0.4;
        List<double> above = [.. runs.Values(Ours, "paced", "p50").Zip(runs.Values("raw", "raw", "p50"), (ours, raw) => ours - raw)];
        string wanted = FormattableString.Invariant($"≤ own settle statement and PUBLISH, raw, + {Allowed} ms");
        return Repetitions.MedianOf(above) is { } median
            ? new Goal("paced p50", wanted, FormattableString.Invariant($"raw + {median:0.00} ms ({above.Min():0.00}–{above.Max():0.00})"), median <= Allowed)
            : new Goal("paced p50", wanted, "not measured", null);
    }

    private static Goal Limit(string name, double? value, double limit, string unit) => value is { } measured
        ? new Goal(name, FormattableString.Invariant($"≤ {limit:0.##} {unit}"), FormattableString.Invariant($"{measured:0.##} {unit}"), measured <= limit)
        : new Goal(name, FormattableString.Invariant($"≤ {limit:0.##} {unit}"), "not measured", null);
}
