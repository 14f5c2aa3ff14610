using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Report;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>Many parked, and callbacks as fast as <see cref="Bench.FloodLanes"/> connections get them acknowledged.</summary>
internal sealed class FloodScenario : IScenario
{
    private const int Pages = 5000;
    private const int Rounds = 3;

    public async Task<RunReport> RunAsync(Bench bench, CancellationToken cancel)
    {
        int pages = bench.Settings.Waiters ?? Pages;
        int rounds = bench.Settings.Rounds ?? Rounds;
        bench.RefuseTooManyPages(pages);
        using WaitingRoom room = bench.NewRoom();
        using CallbackLanes lanes = bench.NewLanes();
        List<Wait> waits = [];
        List<double> rates = [];
        List<Cost> costs = [];
        for (int round = 0; round < rounds; round++)
        {
            IReadOnlyList<Payment> payments = await bench.ParkAsync(room, pages, cancel);
            await bench.SettleAsync(room, cancel);
            Reading before = await bench.Meter.ReadAsync(cancel);
            TimeSpan took = await bench.FloodAsync(lanes, room, payments, cancel);
            costs.Add(Cost.Between(before, await bench.Meter.ReadAsync(cancel), pages, bench.Clock));
            rates.Add(Math.Round(pages / took.TotalSeconds));
            bench.Progress.Say($"released {rates[^1]:N0} a second");
            waits.AddRange(room.Waits);
            room.Empty();
        }

        int median = rates.IndexOf(rates.Order().ElementAt(rounds / 2));
        Dictionary<string, Figure> figures = new() { ["released"] = new Figure(rates[median], "per second", MoreIsBetter: true) };
        figures.AddCosts(costs[median]);
        return bench.NewReport("flood", waits, figures) with
        {
            Cost = costs[median],
            Series = [new Series("released", "per second", [.. rates.Select((rate, round) => new[] { round + 1, rate })])],
        };
    }
}
