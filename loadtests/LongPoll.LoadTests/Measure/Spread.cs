namespace LongPoll.LoadTests.Measure;

/// <summary>Every value of a series, in milliseconds, boiled down by nearest rank: nothing is bucketed or estimated.</summary>
/// <param name="Count">How many values.</param>
/// <param name="P50">Half of them are at most this.</param>
/// <param name="P90">Nine of ten.</param>
/// <param name="P99">99 of a hundred.</param>
/// <param name="P999">999 of a thousand.</param>
/// <param name="Max">All of them.</param>
/// <param name="Curve">For plots: the value at each of <see cref="Shares"/>.</param>
internal sealed record Spread(int Count, double P50, double P90, double P99, double P999, double Max, IReadOnlyList<double> Curve)
{
    /// <summary>Shares of a curve, denser where it gets steep.</summary>
    public static readonly double[] Shares =
        [.. Enumerable.Range(0, 46).Select(i => i / 50.0), .. Enumerable.Range(91, 9).Select(i => i / 100.0), .. Enumerable.Range(991, 10).Select(i => i / 1000.0)];

    public static Spread Of(IEnumerable<TimeSpan> values)
    {
        double[] sorted = [.. values.Select(value => Math.Round(value.TotalMilliseconds, 4)).Order()];
        return new Spread(sorted.Length, At(0.5), At(0.9), At(0.99), At(0.999), At(1), [.. Shares.Select(At)]);

        double At(double share) => sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    public override string ToString() =>
        FormattableString.Invariant($"p50 {P50:F2}  p90 {P90:F2}  p99 {P99:F2}  max {Max:F2} ms");
}
