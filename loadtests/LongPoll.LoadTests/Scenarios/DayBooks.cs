using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>Measures, before a day begins, what creating an order and asking the provider afterwards take alone.</summary>
internal static class DayBooks
{
    private const int Orders = 100;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <returns>Null when statements are not counted.</returns>
    public static async Task<StatementSplit?> OpenAsync(Bench bench, CallbackLanes lanes, CancellationToken cancel)
    {
        if (bench.Meter.Database is null)
            return null;
        bench.Progress.Say("measuring what creating an order takes alone");
        Reading before = await bench.Meter.ReadAsync(cancel);

        // One after the other, as buyers of a day come: orders that are made together share statements.
        List<Payment> payments = new(Orders);
        while (payments.Count < Orders)
            payments.AddRange(await bench.Subject.PlaceAsync(1, cancel));
        Cost create = Cost.Between(before, await bench.Meter.ReadAsync(cancel), Orders, bench.Clock);
        lanes.Flood(payments);
        await lanes.DrainAsync(Patience, cancel);
        if (bench.Subject.AsksAgainWithin == TimeSpan.Zero)
            return new StatementSplit(create, ask: null);

        bench.Progress.Say("measuring what a question to the provider takes alone");
        Reading settled = await bench.Meter.ReadAsync(cancel);
        await Task.Delay(bench.Subject.AsksAgainWithin, bench.Clock, cancel);
        await bench.Meter.QuietAsync(Patience, cancel);
        Reading asked = await bench.Meter.ReadAsync(cancel);
        int questions = asked.Questions!.Value - settled.Questions!.Value;
        return new StatementSplit(create, questions == 0 ? null : Cost.Between(settled, asked, questions, bench.Clock));
    }
}
