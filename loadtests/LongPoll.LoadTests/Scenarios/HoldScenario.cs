using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Report;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>
/// What a parked page costs in memory: N are parked, then 3 N, and memory is read each time after forced collections, while the server
/// does nothing else. The slope between the two is the figure to trust, because the first N still hold whatever the server does only once.
/// </summary>
internal sealed class HoldScenario : IScenario
{
    private const int Pages = 5000;

    public async Task<RunReport> RunAsync(Bench bench, CancellationToken cancel)
    {
        int pages = bench.Settings.Waiters ?? Pages;
        bench.RefuseTooManyPages(3 * pages);
        List<MemorySample> memory = [];
        IReadOnlyList<Payment> payments = await bench.Subject.PlaceAsync(3 * pages, cancel);
        await bench.Meter.QuietAsync(cancel);
        await SampleAsync(bench, memory, 0, cancel);
        using WaitingRoom room = bench.NewRoom();
        using CallbackLanes lanes = bench.NewLanes();
        foreach (Payment[] group in (Payment[][])[[.. payments.Take(pages)], [.. payments.Skip(pages)]])
        {
            await room.ParkAsync(group, cancel);
            await bench.SettleAsync(room, cancel);
            await SampleAsync(bench, memory, room.Waiting, cancel);
        }

        TimeSpan took = await bench.FloodAsync(lanes, room, payments, cancel);
        Dictionary<string, Figure> figures = new() { ["released"] = new Figure(Math.Round(payments.Count / took.TotalSeconds), "per second", MoreIsBetter: true) };
        if (memory.Count == 3)
        {
            figures["bytes per parked page"] = new Figure(Slope(memory, sample => sample.ServerBytes), "bytes");
            figures["kernel bytes per connection"] = new Figure(Slope(memory, sample => sample.KernelBytes), "bytes, both ends");
        }

        return bench.NewReport("hold", room.Waits, figures) with { Memory = memory };
    }

    private static async Task SampleAsync(Bench bench, List<MemorySample> memory, int parked, CancellationToken cancel)
    {
        if (await bench.Meter.MemoryAsync(parked, bench.Settings.Collections, atRest: true, cancel) is not { } sample)
            return;
        bench.Progress.Say($"server memory {sample.ServerBytes / 1048576.0:N1} MB with {parked:N0} parked{(sample.AtRest == true ? "" : ", among questions to the provider")}");
        memory.Add(sample);
    }

    private static double Slope(List<MemorySample> memory, Func<MemorySample, long> bytes) =>
        Math.Round((double)(bytes(memory[2]) - bytes(memory[1])) / (memory[2].Parked - memory[1].Parked));
}
