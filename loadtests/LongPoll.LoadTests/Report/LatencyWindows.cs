using LongPoll.LoadTests.Measure;

namespace LongPoll.LoadTests.Report;

/// <summary>Latencies over time, boiled down to windows: a plot of every point would be larger than everything else.</summary>
internal static class LatencyWindows
{
    /// <param name="name">What the latencies are.</param>
    /// <param name="latencies">When each began, from the beginning of the run, and how long it was.</param>
    /// <param name="width">Of a window.</param>
    public static IReadOnlyList<Series> Of(string name, IEnumerable<(TimeSpan At, TimeSpan Took)> latencies, TimeSpan width)
    {
        (double At, Spread Spread)[] windows = [.. latencies
            .GroupBy(latency => (long)(latency.At / width))
            .OrderBy(window => window.Key)
            .Select(window => (window.Key * width.TotalSeconds, Spread.Of(window.Select(latency => latency.Took))))];
        return
        [
            new Series($"{name}, p50", "ms", [.. windows.Select(window => new[] { window.At, window.Spread.P50 })]),
            new Series($"{name}, p99", "ms", [.. windows.Select(window => new[] { window.At, window.Spread.P99 })]),
            new Series($"{name}, max", "ms", [.. windows.Select(window => new[] { window.At, window.Spread.Max })]),
        ];
    }
}
