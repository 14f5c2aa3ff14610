using LongPoll.LoadTests.Report;
using LongPoll.LoadTests.Stack;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>
/// Plays <c>paced</c> or <c>flood</c> in many short rounds on several parts of one running system, so that parts are compared which had the same
/// machine in the same seconds: one part after the other, or all at once.
/// </summary>
internal sealed class Turns(IReadOnlyList<Turn> turns, LoadSettings settings, TimeProvider clock, Progress progress)
{
    // For nodes that go on: they find that time has passed, believe their bus again, and make up for what they owe.
    private static readonly TimeSpan Awake = TimeSpan.FromSeconds(2);

    // Half a minute after a payment the provider is asked about it. Rounds that are over by then need no rest between them.
    private static readonly TimeSpan Unasked = TimeSpan.FromSeconds(28);
    private static readonly string[] Costs = ["CPU server", "CPU redis", "CPU postgres", "CPU all", "statements to wait and settle", "Redis commands", "questions to the provider"];

    private readonly Bench[] _benches = [.. turns.Select(turn => new Bench(
        settings with { WarmUp = settings.WarmUp * turn.System.Subject.Nodes.Count }, turn.System, clock, progress))];

    /// <summary>In each round one has its turn after the other; who has not stands still. The first is what the others are compared with.</summary>
    /// <returns>False when a page was not answered as promised.</returns>
    public Task<bool> OneByOneAsync(int rounds, CancellationToken cancel) => OneByOneAsync(rounds, new PacedScenario(), ["p50", "p99"], cancel);

    /// <summary>The same as fast as callbacks are acknowledged: that takes all processors, so no two can do it at once.</summary>
    /// <returns>False when a page was not answered as promised.</returns>
    public Task<bool> FloodedAsync(int rounds, CancellationToken cancel) => OneByOneAsync(rounds, new FloodScenario(), ["released"], cancel);

    private async Task<bool> OneByOneAsync(int rounds, IScenario scenario, string[] more, CancellationToken cancel)
    {
        for (int t = 0; t < turns.Count; t++)
        {
            turns[t].Begin();
            await Task.Delay(Awake, clock, cancel);
            await _benches[t].WarmUpAsync(cancel);
        }

        // Without a warm-up nothing was paid yet.
        (long restedAt, TimeSpan took) = settings.WarmUp == 0 ? (clock.GetTimestamp(), TimeSpan.Zero) : (0, Unasked);
        return await PlayAsync(rounds, [.. Costs, .. more], async round =>
        {
            bool rests = clock.GetElapsedTime(restedAt) + took > Unasked;
            long began = clock.GetTimestamp();

            // There and back, so that whatever drifts meanwhile hits all alike.
            RunReport[] reports = new RunReport[turns.Count];
            for (int n = 0; n < turns.Count; n++)
            {
                int t = round % 2 == 0 ? n : turns.Count - 1 - n;
                turns[t].Begin();

                if (n == 0 && rests)
                {
                    // What is still to be asked about rounds before would be charged to whoever has his turn then.
                    await _benches[t].RestAsync(cancel);
                    restedAt = began = clock.GetTimestamp();
                }
                else
                {
                    await Task.Delay(Awake, clock, cancel);
                }

                // One for each, because pages are logged whole after it.
                await _benches[t].CheckpointAsync(cancel);
                reports[t] = await scenario.RunAsync(_benches[t], cancel);
                if (reports[t].Cost?.QuestionsPerPayment > 0)
                    progress.Say("the provider was asked about earlier payments meanwhile: with fewer --waiters a round is over before");
            }

            took = clock.GetElapsedTime(began);
            return reports;
        }, cancel);
    }

    /// <summary>
    /// All at once, each with its own pages and callbacks. Database and Redis are busy for all of them together, so of their
    /// cost nothing is said.
    /// </summary>
    /// <returns>False when a page was not answered as promised.</returns>
    public async Task<bool> SideBySideAsync(int rounds, CancellationToken cancel)
    {
        foreach (Bench bench in _benches)
            await bench.WarmUpAsync(cancel);

        // They share the database.
        await _benches[0].CheckpointAsync(cancel);
        return await PlayAsync(
            rounds, ["CPU server", "p50", "p90", "p99"], _ => Task.WhenAll(_benches.Select(bench => new PacedScenario().RunAsync(bench, cancel))), cancel);
    }

    /// <summary>
    /// All at once, each a system of its own with its own database and Redis. Each round rests until the provider was asked about the one before.
    /// </summary>
    /// <returns>False when a page was not answered as promised.</returns>
    public async Task<bool> ApartAsync(int rounds, CancellationToken cancel)
    {
        foreach (Bench bench in _benches)
            await bench.WarmUpAsync(cancel);
        return await PlayAsync(rounds, [.. Costs, "p50", "p99"], async round =>
        {
            if (round > 0 || settings.WarmUp > 0)
                await Task.WhenAll(_benches.Select(bench => bench.RestAsync(cancel)));
            await Task.WhenAll(_benches.Select(bench => bench.CheckpointAsync(cancel)));
            return await Task.WhenAll(_benches.Select(bench => new PacedScenario().RunAsync(bench, cancel)));
        }, cancel);
    }

    private async Task<bool> PlayAsync(int rounds, string[] compared, Func<int, Task<RunReport[]>> playAsync, CancellationToken cancel)
    {
        List<RunReport>[] reports = [.. turns.Select(_ => new List<RunReport>())];
        for (int round = 0; round < rounds; round++)
        {
            progress.Say($"round {round + 1} of {rounds}");
            foreach ((List<RunReport> all, RunReport one) in reports.Zip(await playAsync(round)))
                all.Add(one);

            // After every round, so that who is interrupted keeps what was measured.
            TurnsReport result = TurnsReport.Of(compared, [.. turns.Select((turn, t) => (turn.Name, reports[t]))]);
            if (settings.Out is not null)
                await result.WriteAsync(settings.Out, cancel);
            if (round == rounds - 1)
                Console.WriteLine(result.ToText());
        }

        return reports.SelectMany(all => all).All(report => report.Passed);
    }
}
