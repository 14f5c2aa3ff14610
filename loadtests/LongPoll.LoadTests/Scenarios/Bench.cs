using System.Globalization;
using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Report;
using LongPoll.LoadTests.Stack;
using LongPoll.LoadTests.Subjects;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>What every scenario works with: the subject, pages, callback lanes, and the meter.</summary>
internal sealed class Bench(LoadSettings settings, SystemUnderTest system, TimeProvider clock, Progress progress)
{
    /// <summary>Callback connections of a provider that sends as fast as it can.</summary>
    public const int FloodLanes = 32;

    /// <summary>Callback connections of a provider that keeps a pace: enough that none waits for another's answer.</summary>
    public const int PacedLanes = 16;

    // Beside the pages: the shop's tills, callback lanes, the pretend provider's connections, libraries.
    private const int OtherFiles = 500;
    private const int WarmUpRound = 1000;

    // Until the server has read the last requests, and for reading memory.
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestAfterwards = TimeSpan.FromMinutes(3);

    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();
    private readonly MachineFacts _machine = MachineFacts.Read();
    private readonly string? _commit = MachineFacts.Commit();

    public LoadSettings Settings => settings;

    public TimeProvider Clock => clock;

    public Progress Progress => progress;

    public ISubject Subject => system.Subject;

    public Meter Meter { get; } = new(system.Families, system.Database, system.Redis, system.Provider, clock);

    public WaitingRoom NewRoom() => new(Subject, clock);

    public CallbackLanes NewLanes() => new(Subject, clock);

    /// <summary>
    /// Plays payments that are not measured: compilers, pools and caches get warm. The last of them, up to a thousand and no more than half, come at the
    /// pace of <c>paced</c>, because a payment that comes alone goes through other code than those of a flood.
    /// </summary>
    public async Task WarmUpAsync(CancellationToken cancel)
    {
        using WaitingRoom room = NewRoom();
        using CallbackLanes lanes = NewLanes();
        int paced = Math.Min(WarmUpRound, settings.WarmUp / 2);
        for (int left = settings.WarmUp, round; left > 0; left -= round)
        {
            progress.Say($"warming up, {left:N0} payments to go");
            round = Math.Min(left > paced ? left - paced : left, WarmUpRound);
            IReadOnlyList<Payment> payments = await ParkAsync(room, round, cancel);
            if (left > paced)
                await FloodAsync(lanes, room, payments, cancel);
            else
                await PaceAsync(lanes, room, payments, cancel);
            room.Empty();
        }

        // What autovacuum does within a minute: a database that has run for longer knows how large its tables are.
        if (system.Postgres is { } postgres)
            await postgres.ExecuteAsync("analyze", cancel, OwnPostgres.Database);
    }

    /// <summary>
    /// A checkpoint of this run's own database, as one that runs has every five minutes. From then on it writes over the segments of its log that it
    /// no longer needs; without any it makes a new one for each 16 MB, and all commits stand still for some 50 ms.
    /// </summary>
    public Task CheckpointAsync(CancellationToken cancel) => system.Postgres?.ExecuteAsync("checkpoint", cancel) ?? Task.CompletedTask;

    /// <summary>Places orders; they come back in random order, the same in each run.</summary>
    public async Task<IReadOnlyList<Payment>> PlaceAsync(int count, CancellationToken cancel)
    {
        Payment[] payments = [.. await Subject.PlaceAsync(count, cancel)];
        new Random(count).Shuffle(payments);
        return payments;
    }

    /// <summary>Places orders and parks a page on each.</summary>
    public async Task<IReadOnlyList<Payment>> ParkAsync(WaitingRoom room, int count, CancellationToken cancel)
    {
        IReadOnlyList<Payment> payments = await PlaceAsync(count, cancel);
        await room.ParkAsync(payments, cancel);
        return payments;
    }

    /// <summary>
    /// Returns when the server has done what belongs to earlier payments: LongPoll asks its provider about each, some time
    /// after it was settled, and that must not be charged to those that come next.
    /// </summary>
    public async Task RestAsync(CancellationToken cancel)
    {
        progress.Say("resting until nothing is left to do about earlier payments");
        await Task.Delay(Subject.AsksAgainWithin, clock, cancel);
        await Meter.QuietAsync(LongestAfterwards, cancel);
    }

    /// <summary>Returns when the server has read all requests and rests.</summary>
    public async Task SettleAsync(WaitingRoom room, CancellationToken cancel)
    {
        await Task.Delay(Settle, clock, cancel);
        await Meter.QuietAsync(cancel);
        progress.Say($"parked {room.Waiting:N0}");
    }

    /// <summary>Sends all callbacks on <see cref="FloodLanes"/> connections as fast as they are acknowledged; waits for every page.</summary>
    /// <returns>From before the first callback to the last answer of a page.</returns>
    public async Task<TimeSpan> FloodAsync(CallbackLanes lanes, WaitingRoom room, IReadOnlyList<Payment> payments, CancellationToken cancel)
    {
        if (lanes.Opened == 0)
            await lanes.OpenAsync(FloodLanes, cancel);
        long began = clock.GetTimestamp();
        lanes.Flood(payments);
        await ReleasedAsync(lanes, room, cancel);
        return clock.GetElapsedTime(began, room.Waits.Max(wait => wait.AnsweredAt));
    }

    /// <summary>Sends all callbacks at the settings' rate, whatever the answers; waits for every page.</summary>
    public async Task PaceAsync(CallbackLanes lanes, WaitingRoom room, IReadOnlyList<Payment> payments, CancellationToken cancel)
    {
        if (lanes.Opened == 0)
            await lanes.OpenAsync(PacedLanes, cancel);
        await new Pacer(lanes, settings.Rate, clock, progress).ReleaseAsync(payments, cancel);
        await ReleasedAsync(lanes, room, cancel);
    }

    /// <summary>Returns when every page and every callback is answered, or is given up.</summary>
    public static async Task ReleasedAsync(CallbackLanes lanes, WaitingRoom room, CancellationToken cancel)
    {
        await room.EverybodyIsAnsweredAsync(Patience, cancel);
        await lanes.DrainAsync(Patience, cancel);
    }

    /// <summary>A report with everything that does not depend on the scenario.</summary>
    public RunReport NewReport(string scenario, IEnumerable<Wait> waits, IReadOnlyDictionary<string, Figure> figures) => new()
    {
        Scenario = scenario,
        Subject = Subject.Name,
        Passed = waits.All(wait => wait.Complaint is null),
        StartedAt = _startedAt,
        Commit = _commit,
        Machine = _machine,
        Setting = new Dictionary<string, string>(system.Setting)
        {
            ["warm-up"] = settings.WarmUp.ToString(CultureInfo.InvariantCulture) + " payments",
            ["open files a process"] = _machine.OpenFileLimit.ToString(CultureInfo.InvariantCulture),
            ["ports for each pair of addresses"] = _machine.LocalPorts,
        },
        Figures = figures,
        Counts = Tally.Of(waits),
    };

    /// <exception cref="RunImpossibleException">Somebody may not have so many files open.</exception>
    public void RefuseTooManyPages(int pages)
    {
        int needed = pages + OtherFiles;
        foreach (ProcessFamily family in Meter.Families.Where(family => family.Role is "server" or "runner"))
        {
            int share = family.Role == "server" ? (pages / Subject.Nodes.Count) + OtherFiles : needed;
            if (family.OpenFileLimit() is var limit && share > limit)
            {
                throw new RunImpossibleException(string.Create(CultureInfo.InvariantCulture,
                    $"{pages} pages need {share} open files in the {family.Role}, and it may have {limit}. Raise the limit (ulimit -n) or lower --waiters."));
            }
        }
    }

    /// <exception cref="RunImpossibleException">The longest hold is over before the last callback comes.</exception>
    public static void RefuseTooShortHolds(int pages, double rate)
    {
        TimeSpan needed = WaitingRoom.ParkingTime(pages) + TimeSpan.FromSeconds(pages / rate) + (2 * Patience / 3);
        if (needed > TimeSpan.FromSeconds(Shop.Hold))
        {
            throw new RunImpossibleException(FormattableString.Invariant(
                $"The last callback would come some {needed.TotalSeconds:F0} s after the first page parked, and the longest hold is {Shop.Hold} s. Raise --rate or lower --waiters."));
        }
    }
}
