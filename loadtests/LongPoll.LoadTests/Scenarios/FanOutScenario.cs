using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Report;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>Many pages wait for one order: from before its callback is written to the last byte of the last page's answer.</summary>
internal sealed class FanOutScenario : IScenario
{
    private const int Rounds = 15;

    public async Task<RunReport> RunAsync(Bench bench, CancellationToken cancel)
    {
        int pages = bench.Settings.FanOut;
        int rounds = bench.Settings.Rounds ?? Rounds;
        bench.RefuseTooManyPages(pages);
        using WaitingRoom room = bench.NewRoom();
        using CallbackLanes lanes = bench.NewLanes();
        IReadOnlyList<Payment> orders = await bench.Subject.PlaceAsync(rounds, cancel);
        await lanes.OpenAsync(1, cancel);
        List<Wait> waits = [];
        List<TimeSpan> last = [];
        List<TimeSpan> first = [];
        foreach (Payment order in orders)
        {
            await room.ParkAsync([.. Enumerable.Repeat(order, pages)], cancel);
            await bench.SettleAsync(room, cancel);
            lanes.Send(order);
            await Bench.ReleasedAsync(lanes, room, cancel);
            first.Add(bench.Clock.GetElapsedTime(order.SentAt, room.Waits.Min(wait => wait.AnsweredAt)));
            last.Add(bench.Clock.GetElapsedTime(order.SentAt, room.Waits.Max(wait => wait.AnsweredAt)));
            waits.AddRange(room.Waits);
            room.Empty();
        }

        Spread lasts = Spread.Of(last);
        return bench.NewReport("fanout", waits, new Dictionary<string, Figure> { ["last answered"] = new Figure(lasts.P50, "ms") }) with
        {
            Times = new Dictionary<string, Spread> { ["written to last answered"] = lasts, ["written to first answered"] = Spread.Of(first) },
            Series = [new Series("last answered", "ms", [.. last.Select((time, round) => new[] { round + 1, Math.Round(time.TotalMilliseconds, 2) })])],
        };
    }
}
