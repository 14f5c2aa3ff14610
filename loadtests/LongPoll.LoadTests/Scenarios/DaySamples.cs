using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Report;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>What the servers use while a day goes on.</summary>
internal sealed class DaySamples(Bench bench, TimeSpan every)
{
    private readonly List<double[]> _memory = [];
    private readonly List<double[]> _cores = [];

    public IReadOnlyList<Series> Series =>
    [
        new Series("server memory", "MB", _memory),
        new Series("server processor time", "cores", _cores),
    ];

    /// <summary>Notes until it is over.</summary>
    public async Task RunAsync(CancellationToken over)
    {
        if (!bench.Meter.Families.Any(family => family.Role == "server"))
            return;
        long began = bench.Clock.GetTimestamp();
        long from = began;
        TimeSpan cpu = bench.Meter.ServerCpu();
        using PeriodicTimer beat = new(every, bench.Clock);
        try
        {
            while (await beat.WaitForNextTickAsync(over))
            {
                MemorySample memory = (await bench.Meter.MemoryAsync(parked: 0, collections: 0, atRest: false, over))!;
                TimeSpan cpuNow = bench.Meter.ServerCpu();
                long now = bench.Clock.GetTimestamp();
                double at = Math.Round(bench.Clock.GetElapsedTime(began, now).TotalSeconds, 1);
                _memory.Add([at, Math.Round(memory.ServerBytes / 1048576.0, 1)]);
                _cores.Add([at, Math.Round((cpuNow - cpu) / bench.Clock.GetElapsedTime(from, now), 3)]);
                (from, cpu) = (now, cpuNow);
            }
        }
        catch (OperationCanceledException)
        {
            // The day is over.
        }
    }
}
