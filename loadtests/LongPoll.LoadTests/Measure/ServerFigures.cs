using System.Globalization;
using System.Text;

namespace LongPoll.LoadTests.Measure;

/// <summary>What the run cost the server.</summary>
/// <param name="CpuSecondsWhileReleasing">Processor time from the first callback to the last answer.</param>
/// <param name="CpuSecondsPerThousandPayments">The same, for a thousand payments.</param>
/// <param name="MemoryMeasured">What the memory figures are, in words.</param>
/// <param name="Memory">Resident memory, first with nobody parked.</param>
/// <param name="BytesPerWaiter">Growth from nobody to the first full room, divided by the waiters; warm-up included.</param>
/// <param name="BytesPerWaiterSlope">Growth from N to 3 N waiters, divided by 2 N; null without --slope.</param>
internal sealed record ServerFigures(
    double CpuSecondsWhileReleasing,
    double CpuSecondsPerThousandPayments,
    string MemoryMeasured,
    IReadOnlyList<MemorySample> Memory,
    double BytesPerWaiter,
    double? BytesPerWaiterSlope)
{
    public static ServerFigures Of(TimeSpan cpu, int payments, IReadOnlyList<MemorySample> memory) => new(
        Math.Round(cpu.TotalSeconds, 3),
        Math.Round(1000 * cpu.TotalSeconds / payments, 3),
        memory.All(sample => sample.Collected)
            ? $"VmRSS of the server process after {ServerProbe.Collections} forced full collections; kernel socket buffers not included"
            : "VmRSS of the server process, no collection forced (not a .NET process); kernel socket buffers not included",
        memory,
        Growth(memory[0], memory[1]),
        memory.Count > 2 ? Growth(memory[1], memory[2]) : null);

    public string ToText()
    {
        StringBuilder text = new();
        Line($"  server CPU {CpuSecondsWhileReleasing:N2} s while releasing, {CpuSecondsPerThousandPayments:N2} s per 1,000 payments");
        foreach (MemorySample sample in Memory)
            Line($"  server memory with {sample.Parked,7:N0} parked {sample.ResidentBytes / 1048576.0,8:N1} MB, anonymous {sample.AnonymousBytes / 1048576.0,8:N1} MB");
        Line($"  bytes per waiter {BytesPerWaiter:N0}{(BytesPerWaiterSlope is { } slope ? $", slope from N to 3 N {slope:N0}" : "")}");
        Line($"  ({MemoryMeasured})");
        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static double Growth(MemorySample less, MemorySample more) =>
        Math.Round((more.ResidentBytes - less.ResidentBytes) / (double)(more.Parked - less.Parked));
}
