using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Report;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>
/// All pages lose their connection and come back in the same moment, as when a load balancer is restarted, while the
/// provider goes on: the first callbacks arrive in the middle of it. Every page must be answered, without one error.
/// </summary>
internal sealed class StormScenario : IScenario
{
    private const int Pages = 15_000;
    private const int Lanes = 64;
    private static readonly TimeSpan ReleaseTime = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(50);

    public async Task<RunReport> RunAsync(Bench bench, CancellationToken cancel)
    {
        int pages = bench.Settings.Waiters ?? Pages;
        bench.RefuseTooManyPages(pages);
        using WaitingRoom room = bench.NewRoom();
        IReadOnlyList<Payment> payments = await bench.ParkAsync(room, pages, cancel);
        using CallbackLanes lanes = bench.NewLanes();
        await lanes.OpenAsync(Lanes, cancel);
        await bench.SettleAsync(room, cancel);

        Reading before = await bench.Meter.ReadAsync(cancel);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        long began = bench.Clock.GetTimestamp();
        Task<List<(int All, int Active)>> sampling = SampleConnectionsAsync(bench, over.Token);
        room.ReconnectAll();
        await new Pacer(lanes, pages / (bench.Settings.Duration ?? ReleaseTime).TotalSeconds, bench.Clock, bench.Progress).ReleaseAsync(payments, cancel);
        await Bench.ReleasedAsync(lanes, room, cancel);
        await over.CancelAsync();
        return Report(bench, room, began, Cost.Between(before, await bench.Meter.ReadAsync(cancel), pages, bench.Clock), await sampling);
    }

    private static RunReport Report(Bench bench, WaitingRoom room, long began, Cost cost, List<(int All, int Active)> connections)
    {
        // Before a page has asked again nobody can answer it: it waits from the later of its callback and its question.
        TimeProvider clock = bench.Clock;
        (TimeSpan At, TimeSpan Took)[] served = [.. room.Waits
            .Where(wait => wait.IsAnsweredAfterCallback && wait.AskedAt != 0)
            .Select(wait => (At: Math.Max(wait.Payment.SentAt, wait.AskedAt), wait.AnsweredAt))
            .Select(wait => (clock.GetElapsedTime(began, wait.At), clock.GetElapsedTime(wait.At, wait.AnsweredAt)))];
        Spread latency = Spread.Of(served.Select(wait => wait.Took));
        Spread back = Spread.Of(room.Waits.Where(wait => wait.AskedAt > began).Select(wait => clock.GetElapsedTime(began, wait.AskedAt)));
        Dictionary<string, Figure> figures = new()
        {
            ["last page is back"] = new Figure(back.Max, "ms"),
            ["p50"] = new Figure(latency.P50, "ms"),
            ["p99"] = new Figure(latency.P99, "ms"),
            ["max"] = new Figure(latency.Max, "ms"),
        };
        figures.AddCosts(cost);
        if (connections.Count > 0)
        {
            figures["database connections"] = new Figure(connections.Max(sample => sample.All), "at most");
            figures["database connections at work"] = new Figure(connections.Max(sample => sample.Active), "at most");
        }

        return bench.NewReport("storm", room.Waits, figures) with
        {
            Times = new Dictionary<string, Spread> { ["storm to asked again"] = back, ["written or asked again to answered"] = latency },
            Cost = cost,
            Series = LatencyWindows.Of("written or asked again to answered", served, TimeSpan.FromMilliseconds(250)),
        };
    }

    private static async Task<List<(int All, int Active)>> SampleConnectionsAsync(Bench bench, CancellationToken over)
    {
        List<(int All, int Active)> samples = [];
        if (bench.Meter.Database is not { } database)
            return samples;
        try
        {
            while (true)
            {
                samples.Add(await database.ConnectionsAsync(over));
                await Task.Delay(SampleEvery, bench.Clock, over);
            }
        }
        catch (OperationCanceledException)
        {
            return samples;
        }
    }
}
