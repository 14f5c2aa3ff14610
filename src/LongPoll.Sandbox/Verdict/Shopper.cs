using System.Globalization;
using LongPoll.Sandbox.Faults;

namespace LongPoll.Sandbox.Verdict;

/// <summary>
/// A buyer with an order: the tabs that wait for it, a stream, a page that asks the provider, the button Try again;
/// and the racers, pages that come in the very moment in which a callback leaves.
/// </summary>
internal sealed class Shopper(Shop shop, OrderLog log, VerdictOptions options, CallbackPace pace, TimeProvider clock)
{
    private const string MainTab = "tab 1";
    private const int Racers = 12;
    private const int QuietRacers = 2;
    private const int HoldSeconds = 20;
    private const int MostAttempts = 3;

    /// <summary>A page that was told nothing new does not ask again at once: a broken server is to be caught, not to be drowned.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan AfterTheRace = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _callbackLeft = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _attempts = 1;
    private int _races;

    public OrderLog Log => log;

    /// <summary>Lives until the day is over. <paramref name="closing"/> ends pressing buttons, <paramref name="over"/> ends everything.</summary>
    public async Task LiveAsync(CancellationToken closing, CancellationToken over)
    {
        Dice dice = new(options.Seed, log.Number, "pages");
        TimeSpan verifyAfter = dice.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9));
        Task verifier = dice.Chance(20) && !PaysAnotherAmount() ? VerifyAsync(verifyAfter, over) : Task.CompletedTask;
        if (IsQuiet())
        {
            await _callbackLeft.Task.WaitAsync(TimeSpan.FromSeconds(HoldSeconds), clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(AfterTheRace, clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        List<Task> pages = [verifier, TabAsync(MainTab, "settled", dice.Chance(60), closing, over)];
        if (dice.Chance(50))
            pages.Add(TabAsync("tab 2", "change", dice.Chance(25), closing, over));
        if (dice.Chance(30))
            pages.Add(new EventTab(shop, log, clock).LiveAsync(over));
        await Task.WhenAll(pages);
    }

    /// <summary>A callback of this order leaves now.</summary>
    public void Race(CancellationToken over)
    {
        _callbackLeft.TrySetResult();
        int race = Interlocked.Increment(ref _races);
        if (log.OrderId is null)
            return;
        Dice dice = new(options.Seed, log.Number, string.Create(CultureInfo.InvariantCulture, $"race {race}"));
        long? seen = log.Newest?.Version;

        // A page that comes alone aims for the commit, which stands near the end of a callback's way.
        (int racers, TimeSpan earliest) = IsQuiet() ? (QuietRacers, pace.Typical / 3) : (Racers, TimeSpan.Zero);
        for (int racer = 1; racer <= racers; racer++)
            _ = RaceAsync(string.Create(CultureInfo.InvariantCulture, $"racer {race}.{racer}"), racer % 3 == 0 ? seen : null, dice.Between(earliest, pace.Typical), over);
    }

    // Nobody looks at a quiet order until its callback leaves, and then a page comes, one for a node or so: it is the first to
    // join, so its subscription begins in that moment. Where others wait already there is nothing left to be late for.
    private bool IsQuiet() => new Dice(options.Seed, log.Number, "quiet").Chance(50);

    private async Task RaceAsync(string page, long? since, TimeSpan pause, CancellationToken over)
    {
        await Task.Delay(pause, clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Quietly(() => shop.WaitAsync(log, page, since, since is null ? "settled" : "change", HoldSeconds, over), over);
    }

    private async Task TabAsync(string page, string until, bool retries, CancellationToken closing, CancellationToken over)
    {
        // A fresh page asks without since; from its first answer on it says what it has seen.
        long? since = page == MainTab ? null : log.Newest?.Version;
        SeenOrder? seen = null;
        while (!over.IsCancellationRequested && seen is not { Completed: true })
        {
            seen = await Quietly(() => shop.WaitAsync(log, page, since, until, HoldSeconds, over), over) ?? seen;
            if (seen is { Settled: true, SafeToRetry: true } && retries && !closing.IsCancellationRequested)
                seen = await TryAgainAsync(page, closing, over) ?? seen;
            if (seen?.Version <= since)
                await Task.Delay(Breath, clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            since = seen?.Version ?? since;
        }
    }

    private async Task<SeenOrder?> TryAgainAsync(string page, CancellationToken closing, CancellationToken over)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(300), clock, closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (closing.IsCancellationRequested || Interlocked.Increment(ref _attempts) > MostAttempts)
            return null;
        return await Quietly(() => shop.ViewAsync(log, HttpMethod.Post, page, "/pay", null, over), over);
    }

    private async Task VerifyAsync(TimeSpan after, CancellationToken over)
    {
        await Task.Delay(after, clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Quietly(() => shop.ViewAsync(log, HttpMethod.Post, "verifier", "/verify", null, over), over);
    }

    // The query has no amount: where it is asked before the callback, nobody can see that another amount was paid.
    private bool PaysAnotherAmount() =>
        Enumerable.Range(1, MostAttempts).Any(push => SeededScripts.For(options.Seed, log.Number, push).Answer!.Faults.AmountOff != 0);

    private static async Task<SeenOrder?> Quietly(Func<Task<SeenOrder?>> deed, CancellationToken over)
    {
        try
        {
            return over.IsCancellationRequested ? null : await deed();
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            return null;
        }
    }
}
