using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Target;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>Many parked, then released one by one at a steady rate: what a page feels when its money arrives.</summary>
internal sealed class HoldScenario(LoadSettings settings, TimeProvider clock)
{
    private const int Lanes = 64;

    // Beside the waiters: the shop's tills, callback lanes, the pretend provider's connections, libraries.
    private const int OtherFiles = 500;

    // For reading memory between parking and releasing, and for a machine that is slower than planned.
    private static readonly TimeSpan Spare = TimeSpan.FromSeconds(20);

    private static readonly TimeSpan PatienceAfterTheLastCallback = TimeSpan.FromSeconds(20);

    private readonly Progress _progress = new(clock);

    public async Task<int> RunAsync(CancellationToken cancel)
    {
        DateTimeOffset startedAt = clock.GetUtcNow();
        MachineFacts machine = MachineFacts.Read();
        RefuseTooShortHolds();
        RefuseTooFewFiles(machine.OpenFileLimitOfRunner, "this runner");
        await using PretendProvider provider = await PretendProvider.StartAsync(settings.Listen, cancel);
        using ServerUnderTest server = await ServerUnderTest.ReachAsync(settings, provider, clock, cancel);
        if (server.Probe is not null)
            RefuseTooFewFiles(server.Probe.OpenFileLimit(), "the server");

        Shop shop = new(server.Address, server.ApiKey, provider, _progress);
        if (settings.WarmUp > 0)
        {
            _progress.Say("warming up");
            await HoldAsync(await shop.PlaceOrdersAsync(settings.WarmUp, cancel), server, measureMemory: false, cancel);
        }

        long ordering = clock.GetTimestamp();
        IReadOnlyList<Payment> payments = await shop.PlaceOrdersAsync(settings.ParkedInTheEnd, cancel);
        double ordersPerSecond = payments.Count / clock.GetElapsedTime(ordering).TotalSeconds;

        HoldCourse course = await HoldAsync(payments, server, measureMemory: true, cancel);
        HoldReport report = HoldReport.Of(payments, course, clock) with
        {
            StartedAt = startedAt,
            Commit = MachineFacts.Commit(),
            Machine = machine,
            Settings = new HoldSettings(
                settings.Waiters, settings.Slope, settings.Rate, settings.WarmUp, settings.Settle.TotalSeconds, settings.Target),
            OrdersPerSecond = Math.Round(ordersPerSecond, 1),
        };
        _progress.Say(report.ToText());
        if (settings.Out is not null)
            await File.WriteAllTextAsync(settings.Out, report.ToJson() + "\n", cancel);
        return report.Passed ? 0 : 1;
    }

    private async Task<HoldCourse> HoldAsync(
        IReadOnlyList<Payment> payments, ServerUnderTest server, bool measureMemory, CancellationToken cancel)
    {
        ServerProbe? memoryProbe = measureMemory ? server.Probe : null;
        List<MemorySample> memory = [];
        if (memoryProbe is not null)
            memory.Add(await memoryProbe.MemoryAsync(0, cancel));

        await using WaitingRoom room = new(server.Address, clock);
        TimeSpan parkingTime = TimeSpan.Zero;
        foreach (Payment[] group in Groups(payments))
        {
            long began = clock.GetTimestamp();
            await room.ParkAsync(group, cancel);
            parkingTime += clock.GetElapsedTime(began);
            await Task.Delay(settings.Settle, clock, cancel);
            _progress.Say($"parked {room.Parked:N0}, of whom {room.Answered:N0} were answered before any callback");
            if (memoryProbe is not null)
                memory.Add(await memoryProbe.MemoryAsync(room.Parked, cancel));
        }

        using CallbackLanes lanes = await CallbackLanes.OpenAsync(payments, Lanes, clock, cancel);
        TimeSpan cpuBefore = server.Probe?.CpuTime() ?? TimeSpan.Zero;
        TimeSpan pausedBefore = GC.GetTotalPauseDuration();
        long releasing = clock.GetTimestamp();
        await new Pacer(lanes, settings.Rate, clock, _progress).ReleaseAsync(payments, cancel);
        await room.EndAsync(PatienceAfterTheLastCallback);
        TimeSpan cpu = (server.Probe?.CpuTime() ?? TimeSpan.Zero) - cpuBefore;
        return new HoldCourse(
            parkingTime, clock.GetElapsedTime(releasing), GC.GetTotalPauseDuration() - pausedBefore, cpu, memory);
    }

    private IEnumerable<Payment[]> Groups(IReadOnlyList<Payment> payments) => settings.Slope && payments.Count > settings.Waiters
        ? [[.. payments.Take(settings.Waiters)], [.. payments.Skip(settings.Waiters)]]
        : [[.. payments]];

    private void RefuseTooShortHolds()
    {
        TimeSpan needed = WaitingRoom.ParkingTime(settings.ParkedInTheEnd) + TimeSpan.FromSeconds(settings.ParkedInTheEnd / settings.Rate)
            + (2 * settings.Settle) + Spare;
        if (needed > WaitingRoom.Hold)
        {
            throw new RunImpossibleException(FormattableString.Invariant(
                $"The last callback would come some {needed.TotalSeconds:F0} s after the first waiter parked, and the longest hold is {WaitingRoom.Hold.TotalSeconds:F0} s. Raise --rate or lower --waiters."));
        }
    }

    private void RefuseTooFewFiles(int limit, string whose)
    {
        if (settings.ParkedInTheEnd + OtherFiles > limit)
        {
            throw new RunImpossibleException(FormattableString.Invariant(
                $"{settings.ParkedInTheEnd} waiters need {settings.ParkedInTheEnd + OtherFiles} open files, and {whose} may have {limit}. Raise the limit (ulimit -n) or lower --waiters."));
        }
    }
}
