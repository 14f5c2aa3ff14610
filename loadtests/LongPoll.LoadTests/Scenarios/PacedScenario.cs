using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Report;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>
/// Many parked, and callbacks at a steady rate that does not care how fast they are answered: what a page feels when its
/// money arrives.
/// </summary>
internal sealed class PacedScenario : IScenario
{
    private const int Pages = 5000;

    public async Task<RunReport> RunAsync(Bench bench, CancellationToken cancel)
    {
        int pages = bench.Settings.Waiters ?? Pages;
        Bench.RefuseTooShortHolds(pages, bench.Settings.Rate);
        bench.RefuseTooManyPages(pages);
        using WaitingRoom room = bench.NewRoom();
        IReadOnlyList<Payment> payments = await bench.PlaceAsync(pages, cancel);
        await bench.Meter.QuietAsync(cancel);
        Reading beforeParking = await bench.Meter.ReadAsync(cancel);
        await room.ParkAsync(payments, cancel);
        using CallbackLanes lanes = bench.NewLanes();
        await lanes.OpenAsync(Bench.PacedLanes, cancel);
        await bench.SettleAsync(room, cancel);

        Reading before = await bench.Meter.ReadAsync(cancel);
        await bench.PaceAsync(lanes, room, payments, cancel);
        Reading after = await bench.Meter.ReadAsync(cancel);

        // Statements are counted from before the pages came, because their reads belong to a payment; processor time is not,
        // because connecting belongs to none.
        Cost cost = Cost.Between(before, after, pages, bench.Clock) with
        {
            Statements = Cost.Between(beforeParking, after, pages, bench.Clock).Statements,
        };
        return Report(bench, room, cost);
    }

    private static RunReport Report(Bench bench, WaitingRoom room, Cost cost)
    {
        TimeProvider clock = bench.Clock;
        Wait[] answered = [.. room.Waits.Where(wait => wait.IsAnsweredAfterCallback)];
        Dictionary<string, Spread> times = new()
        {
            ["written to answered"] = Spread.Of(answered.Select(wait => clock.GetElapsedTime(wait.Payment.SentAt, wait.AnsweredAt))),
            ["due to answered"] = Spread.Of(answered.Select(wait => clock.GetElapsedTime(wait.Payment.DueAt, wait.AnsweredAt))),
            ["written to acknowledged"] = Spread.Of(answered
                .Where(wait => wait.Payment.AcknowledgedAt != 0)
                .Select(wait => clock.GetElapsedTime(wait.Payment.SentAt, wait.Payment.AcknowledgedAt))),
            ["due to written"] = Spread.Of(answered.Select(wait => clock.GetElapsedTime(wait.Payment.DueAt, wait.Payment.SentAt))),
        };
        Spread latency = times["written to answered"];
        Dictionary<string, Figure> figures = new()
        {
            ["p50"] = new Figure(latency.P50, "ms"),
            ["p90"] = new Figure(latency.P90, "ms"),
            ["p99"] = new Figure(latency.P99, "ms"),
            ["p50 from due"] = new Figure(times["due to answered"].P50, "ms"),
            ["p99 from due"] = new Figure(times["due to answered"].P99, "ms"),
            ["calls per payment"] = new Figure(room.Waits.Average(wait => wait.Calls), ""),
        };
        figures.AddCosts(cost);
        long began = room.Waits.Min(wait => wait.Payment.SentAt);
        return bench.NewReport("paced", room.Waits, figures) with
        {
            Times = times,
            Cost = cost,
            Pages = bench.Settings.EveryPage ? [.. answered.Select(wait => new AnsweredPage(wait.Payment.SentAt, clock.GetElapsedTime(wait.Payment.SentAt, wait.AnsweredAt)))] : [],
            Series = LatencyWindows.Of(
                "written to answered",
                answered.Select(wait => (clock.GetElapsedTime(began, wait.Payment.SentAt), clock.GetElapsedTime(wait.Payment.SentAt, wait.AnsweredAt))),
                TimeSpan.FromSeconds(1)),
        };
    }
}
