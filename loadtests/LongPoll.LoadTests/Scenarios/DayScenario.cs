using System.Collections.Concurrent;
using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Report;
using LongPoll.LoadTests.Subjects;
using LongPoll.Sandbox.PayHero;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>Buyers come at a steady rate, whatever the server does, and live through a payment each, with everything that belongs to it.</summary>
internal sealed class DayScenario(DayPlan plan) : IScenario
{
    private const int Lanes = 16;

    public async Task<RunReport> RunAsync(Bench bench, CancellationToken cancel)
    {
        if (bench.Subject is not Shop)
            throw new RunImpossibleException($"{plan.Name} needs a server that takes orders, and {bench.Subject.Name} does not.");
        DayPlan day = plan.For(bench.Settings);
        bench.RefuseTooManyPages(2 * day.InFlight);

        // The first order shows where callbacks go.
        _ = await bench.Subject.PlaceAsync(1, cancel);
        using CallbackLanes lanes = bench.NewLanes();
        await lanes.OpenAsync(Lanes, cancel);
        StatementSplit? split = bench.Settings.SplitsStatements ? await DayBooks.OpenAsync(bench, lanes, cancel) : null;
        await bench.Meter.QuietAsync(cancel);
        Reading before = await bench.Meter.ReadAsync(cancel);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        DaySamples samples = new(bench, day.SampleEvery);
        Task sampling = samples.RunAsync(over.Token);

        ConcurrentBag<Wait> waits = [];
        List<MemorySample> memory = await PlayAsync(bench, day, lanes, waits, cancel);
        Cost cost = Cost.Between(before, await bench.Meter.ReadAsync(cancel), waits.Count, bench.Clock);
        await over.CancelAsync();
        await sampling;
        return Report(bench, day, [.. waits], cost, split, memory, samples, before.At);
    }

    private static async Task<List<MemorySample>> PlayAsync(Bench bench, DayPlan day, CallbackLanes lanes, ConcurrentBag<Wait> waits, CancellationToken cancel)
    {
        // The same day in each run.
        Random fate = new(day.InFlight);
        List<Task> buyers = [];
        List<MemorySample> memory = [];
        long began = bench.Clock.GetTimestamp();
        int expected = (int)(day.Duration.TotalSeconds * day.Rate);
        for (int number = 0; number < expected; number++)
        {
            // Open loop: the instants are fixed beforehand, and whoever is late comes at once.
            TimeSpan early = TimeSpan.FromSeconds(number / day.Rate) - bench.Clock.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
                await Task.Delay(early, bench.Clock, cancel);
            buyers.Add(BuyAsync(Between(fate, day.ShortestPayment, day.LongestPayment), fate.Next(100)));
            bench.Progress.Show($"{day.Name}, answered", waits.Count, expected);
            if (day.CollectsAtHalf && number == expected / 2)
                await CollectAsync(bench, memory, buyers.Count - waits.Count, cancel);
        }

        if (day.CollectsAtHalf)
            await CollectAsync(bench, memory, buyers.Count - waits.Count, cancel);
        await Task.WhenAll(buyers);
        return memory;

        async Task BuyAsync(TimeSpan thinking, int lot)
        {
            Payment payment = (await bench.Subject.PlaceAsync(1, cancel))[0];
            Decide(payment, lot);
            using Buyer buyer = new(bench.Subject, lanes, payment, day.Pause, bench.Clock);
            await buyer.ParkAsync(cancel);
            await Task.Delay(thinking, bench.Clock, cancel);
            await buyer.PayAsync(cancel);
            waits.Add(buyer.Wait);
        }
    }

    private static async Task CollectAsync(Bench bench, List<MemorySample> memory, int parked, CancellationToken cancel)
    {
        if (await bench.Meter.MemoryAsync(parked, bench.Settings.Collections, atRest: false, cancel) is { } sample)
            memory.Add(sample);
    }

    private static TimeSpan Between(Random fate, TimeSpan least, TimeSpan most) => least + (fate.NextDouble() * (most - least));

    private static void Decide(Payment payment, int lot)
    {
        DateTimeOffset now = payment.Prompt!.Push.PushedAt;
        payment.Outcome = lot switch
        {
            < DayPlan.Cancelling => PaymentOutcome.Cancelled(now),
            < DayPlan.Cancelling + (DayPlan.Failing / 2) => PaymentOutcome.WrongPin(now),
            < DayPlan.Cancelling + DayPlan.Failing => PaymentOutcome.InsufficientFunds(now),
            _ => null,
        };
    }

    private static RunReport Report(
        Bench bench, DayPlan day, IReadOnlyList<Wait> waits, Cost cost, StatementSplit? split, List<MemorySample> memory, DaySamples samples,
        long began)
    {
        TimeProvider clock = bench.Clock;
        (TimeSpan At, TimeSpan Took)[] answered = [.. waits
            .Where(wait => wait.IsAnsweredAfterCallback)
            .Select(wait => (clock.GetElapsedTime(began, wait.Payment.SentAt), clock.GetElapsedTime(wait.Payment.SentAt, wait.AnsweredAt)))];
        Spread latency = Spread.Of(answered.Select(wait => wait.Took));
        Dictionary<string, Figure> figures = new()
        {
            ["p50"] = new Figure(latency.P50, "ms"),
            ["p99"] = new Figure(latency.P99, "ms"),
            ["calls per payment"] = new Figure(Math.Round(waits.Average(wait => wait.Calls), 4), "until green"),
        };
        if (day.Pause is null)
            figures["time-outs"] = new Figure(Math.Round((double)waits.Sum(wait => wait.TimeOuts) / waits.Count, 4), "per payment");
        figures.AddCosts(cost);
        foreach ((string kind, double perPayment) in split?.Of(cost) ?? [])
            figures[$"statements to {kind}"] = new Figure(Math.Round(perPayment, 4), "per payment");
        if (memory.Count == 2)
            figures["memory grown from half-time to end"] = new Figure(Math.Round((memory[1].ServerBytes - memory[0].ServerBytes) / 1048576.0, 2), "MB");

        return bench.NewReport(day.Name, waits, figures) with
        {
            Times = new Dictionary<string, Spread> { ["written to answered"] = latency },
            Cost = cost,
            Memory = memory,
            Series = [.. LatencyWindows.Of("written to answered", answered, 5 * day.SampleEvery), .. samples.Series],
        };
    }
}
