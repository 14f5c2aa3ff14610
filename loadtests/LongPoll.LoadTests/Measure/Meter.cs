using System.Globalization;
using LongPoll.LoadTests.Provider;

namespace LongPoll.LoadTests.Measure;

/// <summary>Reads everything that a run costs its processes, before and after.</summary>
internal sealed class Meter(
    IReadOnlyList<ProcessFamily> families, DatabaseProbe? database, RedisProbe? redis, PretendProvider? provider, TimeProvider clock)
{
    /// <summary>More than this many of a core and a process is not idle: timers and probes stay far below.</summary>
    private const double BusyCores = 0.06;
    private static readonly TimeSpan QuietTime = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LongestUnrest = TimeSpan.FromSeconds(10);

    // So many collections one after the other by which nothing is given back, of so many at most.
    private const int QuietReadings = 8;
    private const int MostReadings = 100;

    /// <summary>Everything that is watched; the first is the server or its first node.</summary>
    public IReadOnlyList<ProcessFamily> Families { get; } = [.. families, new ProcessFamily("runner", Environment.ProcessId, IsAlone: true)];

    public DatabaseProbe? Database => database;

    private IEnumerable<ProcessFamily> Servers => Families.Where(family => family.Role == "server");

    public async Task<Reading> ReadAsync(CancellationToken cancel)
    {
        DatabaseReading? statements = database is null ? null : await database.ReadAsync(cancel);
        long? commands = redis is null ? null : await redis.CommandsAsync(cancel);
        return new Reading(clock.GetTimestamp(), CpuTimes(), GC.GetTotalPauseDuration(), statements, commands, provider?.Questions);
    }

    /// <summary>Returns when the servers do nothing any more: what came before must not be charged to what comes next.</summary>
    public Task QuietAsync(CancellationToken cancel) => QuietAsync(LongestUnrest, cancel);

    /// <summary>The same with another patience.</summary>
    public async Task QuietAsync(TimeSpan patience, CancellationToken cancel)
    {
        long began = clock.GetTimestamp();
        double busy = double.MaxValue;
        while (busy > BusyCores && clock.GetElapsedTime(began) < patience)
        {
            TimeSpan before = ServerCpu();
            long from = clock.GetTimestamp();
            await Task.Delay(QuietTime, clock, cancel);
            busy = (ServerCpu() - before) / clock.GetElapsedTime(from);
        }
    }

    /// <summary>Memory of the servers, after so many forced collections where there is something to collect, and once they give nothing back any more.</summary>
    /// <param name="parked">How many pages are parked.</param>
    /// <param name="collections">How many.</param>
    /// <param name="atRest">
    /// Whether none is forced while the provider is asked about payments. Two full collections take all that a question holds for long-lived,
    /// and of thirty among the questions about 15,000 orders 20 MB of holes are left, which no server has that collects when it must.
    /// </param>
    /// <param name="cancel">Ends it early.</param>
    /// <returns>Null when no server process is known.</returns>
    public async Task<MemorySample?> MemoryAsync(int parked, int collections, bool atRest, CancellationToken cancel)
    {
        if (!Servers.Any())
            return null;
        ProviderRest rest = new(atRest ? provider : null, clock);
        await rest.WaitAsync(cancel);
        bool collected = collections > 0;
        for (int i = 0; i < collections && collected; i++)
        {
            await rest.WaitAsync(cancel);
            collected = await CollectAsync(cancel);
        }

        long bytes = collected ? await GivenBackAsync(rest, cancel) : MemoryBytes();
        return new MemorySample(parked, bytes, KernelBytes(), collected, atRest ? rest.Reached : null);
    }

    private async Task<bool> CollectAsync(CancellationToken cancel)
    {
        bool collected = true;
        foreach (ProcessFamily server in Servers)
            collected &= await ForcedCollection.RunAsync(server, clock, cancel);
        return collected;
    }

    // Emptied regions go back to the system step by step, up to 35 MB in the second after the collections; and what is allocated
    // meanwhile is collected again.
    private async Task<long> GivenBackAsync(ProviderRest rest, CancellationToken cancel)
    {
        long lowest = MemoryBytes();
        for (int quiet = 0, readings = 0; quiet < QuietReadings && readings < MostReadings; readings++)
        {
            bool asked = await rest.WaitAsync(cancel);
            await CollectAsync(cancel);
            long bytes = MemoryBytes();
            quiet = asked || bytes < lowest - (lowest / 1000) ? 0 : quiet + 1;
            lowest = Math.Min(lowest, bytes);
        }

        return lowest;
    }

    private long MemoryBytes() => Servers.Sum(server => server.MemoryBytes());

    public TimeSpan ServerCpu() => Servers.Aggregate(TimeSpan.Zero, (sum, server) => sum + server.CpuTime());

    private Dictionary<string, TimeSpan> CpuTimes()
    {
        Dictionary<string, TimeSpan> times = [];
        foreach (ProcessFamily family in Families)
            times[family.Role] = times.GetValueOrDefault(family.Role) + family.CpuTime();
        return times;
    }

    // Sockets live in slabs, what waits in their queues in pages of its own. Both ends of a connection are on this machine.
    private static long KernelBytes()
    {
        string tcp = File.ReadLines("/proc/net/sockstat").First(line => line.StartsWith("TCP:", StringComparison.Ordinal));
        return (ProcessFamily.KilobytesOf("/proc/meminfo", "Slab") * 1024)
            + (long.Parse(tcp.Split(' ')[^1], CultureInfo.InvariantCulture) * Environment.SystemPageSize);
    }
}

/// <summary>What had been used up at one moment.</summary>
internal sealed record Reading(
    long At, IReadOnlyDictionary<string, TimeSpan> Cpu, TimeSpan RunnerPaused, DatabaseReading? Database, long? RedisCommands, int? Questions);

/// <summary>Memory at one moment.</summary>
/// <param name="Parked">How many pages were parked.</param>
/// <param name="ServerBytes">Physical memory of all server processes (proportional set size).</param>
/// <param name="KernelBytes">Slabs and TCP pages of the whole machine; both ends of every connection are in it.</param>
/// <param name="Collected">Whether full collections were forced before.</param>
/// <param name="AtRest">Whether nobody asked the provider meanwhile; null where that was not waited for.</param>
internal sealed record MemorySample(int Parked, long ServerBytes, long KernelBytes, bool Collected, bool? AtRest);
