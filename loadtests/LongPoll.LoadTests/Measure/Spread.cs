namespace LongPoll.LoadTests.Measure;

/// <summary>Every value of a series, in milliseconds, boiled down by nearest rank: nothing is bucketed or estimated.</summary>
internal sealed record Spread(int Count, double P50, double P90, double P99, double Max)
{
    public static Spread Of(IEnumerable<TimeSpan> values)
    {
        double[] sorted = [.. values.Select(value => Math.Round(value.TotalMilliseconds, 4)).Order()];
        return new Spread(sorted.Length, At(0.5), At(0.9), At(0.99), At(1));

        double At(double share) => sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    public override string ToString() =>
        FormattableString.Invariant($"p50 {P50:F2}  p90 {P90:F2}  p99 {P99:F2}  max {Max:F2} ms");
}
