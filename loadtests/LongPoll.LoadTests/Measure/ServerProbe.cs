using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;

namespace LongPoll.LoadTests.Measure;

/// <summary>The server's process as the operating system and the runtime's own diagnostics show it.</summary>
internal sealed class ServerProbe(int pid, TimeProvider clock)
{
    private const long CollectHeap = 0x800000;
    private static readonly TimeSpan CollectionTime = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// The collector keeps emptied regions for some twenty collections before it gives them back. With two, a room of 2,000
    /// on a bare Kestrel seemed to cost -596 bytes a waiter, and 11,171 from there on; with these it is 11,545 and 11,139.
    /// </summary>
    public const int Collections = 25;

    /// <summary>Processor time that the process has used so far, in all its threads.</summary>
    public TimeSpan CpuTime()
    {
        using Process process = Process.GetProcessById(pid);
        return process.TotalProcessorTime;
    }

    /// <summary>The most files that the process may have open.</summary>
    public int OpenFileLimit() => MachineFacts.OpenFileLimit(pid);

    /// <summary>Resident memory after <see cref="Collections"/> full collections.</summary>
    public async Task<MemorySample> MemoryAsync(int parked, CancellationToken cancel)
    {
        bool collected = true;
        for (int i = 0; i < Collections && collected; i++)
            collected = await CollectAsync(cancel);

        Dictionary<string, long> bytes = [];
        foreach (string line in await File.ReadAllLinesAsync($"/proc/{pid}/status", cancel))
        {
            string[] parts = line.Split([':', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (parts is [var name, var kilobytes, "kB"])
                bytes[name] = long.Parse(kilobytes, CultureInfo.InvariantCulture) * 1024;
        }

        return new MemorySample(parked, bytes["VmRSS"], bytes["RssAnon"], collected);
    }

    // A trace session that asks for nothing but this keyword makes the runtime collect once, fully and blocking, and
    // hands out no heap dump. False for a server that is no .NET process.
    private async Task<bool> CollectAsync(CancellationToken cancel)
    {
        EventPipeProvider collect = new("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, CollectHeap);
        try
        {
            using EventPipeSession session =
                await new DiagnosticsClient(pid).StartEventPipeSessionAsync([collect], requestRundown: false, token: cancel);
            Task drained = session.EventStream.CopyToAsync(Stream.Null, cancel);
            await Task.Delay(CollectionTime, clock, cancel);
            await session.StopAsync(cancel);
            await drained;
            return true;
        }
        catch (ServerNotAvailableException)
        {
            return false;
        }
    }
}

/// <summary>Memory of the server at one moment.</summary>
/// <param name="Parked">How many waiters were parked.</param>
/// <param name="ResidentBytes">VmRSS: everything in physical memory, mapped libraries included.</param>
/// <param name="AnonymousBytes">RssAnon: the same without mapped files.</param>
/// <param name="Collected">Whether full collections were forced before.</param>
internal sealed record MemorySample(int Parked, long ResidentBytes, long AnonymousBytes, bool Collected);
