namespace LongPoll.LoadTests.Report.Plots;

/// <summary>Lines over one pair of axes.</summary>
internal static class LinePlot
{
    private const double Width = 760;
    private const double Height = 300;
    private const double Left = 64;
    private const double Right = 190;
    private const double Top = 34;
    private const double Bottom = 42;
    private const double LegendStep = 18;

    /// <summary>Values over time.</summary>
    public static string OverTime(string title, string unit, IReadOnlyList<Series> lines, bool isLogarithmic) => Draw(
        title, "seconds", unit, [.. lines.Select(line => (line.Name, line.Points))], null, isLogarithmic);

    /// <summary>
    /// Latencies by share, the tail stretched: each step to the right is another nine.
    /// </summary>
    public static string Latencies(string title, IReadOnlyDictionary<string, Measure.Spread> spreads) => Draw(
        title, "share of all", "ms",
        [.. spreads.Select(spread => (spread.Key, (IReadOnlyList<double[]>)[.. Measure.Spread.Shares.Zip(spread.Value.Curve, (share, value) => new[] { Nines(share), value })]))],
        [(Nines(0), "0"), (Nines(0.5), "50 %"), (Nines(0.9), "90 %"), (Nines(0.99), "99 %"), (Nines(0.999), "99.9 %"), (Nines(1), "all")], isLogarithmic: true);

    private static double Nines(double share) => -Math.Log10(Math.Max(1 - share, 0.0004));

    private static string Draw(
        string title, string across, string unit, IReadOnlyList<(string Name, IReadOnlyList<double[]> Points)> lines, (double Value, string Label)[]? ticks,
        bool isLogarithmic)
    {
        double[][] all = [.. lines.SelectMany(line => line.Points)];
        if (all.Length == 0)
            return "";
        Axis x = new(all.Min(point => point[0]), all.Max(point => point[0]), Left, Width - Right, isLogarithmic: false);
        double lowest = isLogarithmic ? all.Select(point => point[1]).Where(value => value > 0).DefaultIfEmpty(0.01).Min() : 0;
        Axis y = new(lowest, all.Max(point => point[1]), Height - Bottom, Top, isLogarithmic);
        Svg svg = new(Width, Height);
        svg.Text(Left, 18, $"{title} ({unit})", isBold: true);
        foreach ((double value, string label) in y.Ticks())
        {
            svg.Line(Left, y.At(value), Width - Right, y.At(value), "#ddd");
            svg.Text(Left - 6, y.At(value) + 4, label, "end");
        }

        foreach ((double value, string label) in ticks ?? x.Ticks())
        {
            svg.Line(x.At(value), Height - Bottom, x.At(value), Height - Bottom + 4, "#222");
            svg.Text(x.At(value), Height - Bottom + 17, label, "middle");
        }

        svg.Text((Left + Width - Right) / 2, Height - 8, across, "middle");
        svg.Line(Left, Height - Bottom, Width - Right, Height - Bottom, "#222");
        for (int i = 0; i < lines.Count; i++)
        {
            string color = Svg.Palette[i % Svg.Palette.Length];
            svg.Path(lines[i].Points.Select(point => (x.At(point[0]), y.At(point[1]))), color);
            double legend = Top + 8 + (i * LegendStep);
            svg.Line(Width - Right + 10, legend - 4, Width - Right + 26, legend - 4, color);
            svg.Text(Width - Right + 32, legend, lines[i].Name);
        }

        return svg.ToString();
    }
}
