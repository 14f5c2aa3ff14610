using System.Diagnostics.Tracing;
using LongPoll.LoadTests.Client;
using Microsoft.Diagnostics.NETCore.Client;

namespace LongPoll.LoadTests.Measure;

/// <summary>Makes a process collect its garbage, from outside.</summary>
internal static class ForcedCollection
{
    private const long CollectHeap = 0x800000;
    private static readonly TimeSpan CollectionTime = TimeSpan.FromMilliseconds(150);

    /// <summary>
    /// The collector keeps emptied regions for some twenty collections before it gives them back. With two, a room of 2,000
    /// on a bare Kestrel seemed to cost -596 bytes a waiter, and 11,171 from there on; with these it is 11,545 and 11,139.
    /// </summary>
    public const int Enough = 25;

    /// <summary>Collects fully, once.</summary>
    /// <returns>False when there is nothing to collect: programs that free their memory themselves.</returns>
    public static async Task<bool> RunAsync(ProcessFamily family, TimeProvider clock, CancellationToken cancel)
    {
        if (family.Garbage == Garbage.None)
            return false;
        if (family.Garbage == Garbage.DotNet)
            await DotNetAsync(family.Pid, clock, cancel);
        else
            await NodeAsync(family.Pid, clock, cancel);
        return true;
    }

    // The baseline collects at this signal.
    private static Task NodeAsync(int pid, TimeProvider clock, CancellationToken cancel)
    {
        _ = Libc.Signal(pid, Libc.User2);
        return Task.Delay(CollectionTime, clock, cancel);
    }

    // A trace session that asks for nothing but this keyword makes the runtime collect once, fully and blocking, and
    // hands out no heap dump.
    private static async Task DotNetAsync(int pid, TimeProvider clock, CancellationToken cancel)
    {
        EventPipeProvider collect = new("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, CollectHeap);
        using EventPipeSession session =
            await new DiagnosticsClient(pid).StartEventPipeSessionAsync([collect], requestRundown: false, token: cancel);
        Task drained = session.EventStream.CopyToAsync(Stream.Null, cancel);
        await Task.Delay(CollectionTime, clock, cancel);
        await session.StopAsync(cancel);
        await drained;
    }
}
