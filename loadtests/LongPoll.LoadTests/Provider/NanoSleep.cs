using System.Runtime.InteropServices;

namespace LongPoll.LoadTests.Provider;

/// <summary>The kernel's own sleep, late by some 60 µs, where .NET counts in milliseconds.</summary>
internal static partial class NanoSleep
{
    /// <summary>May return early when a signal arrives; the caller looks at the clock again.</summary>
    public static void For(TimeSpan time)
    {
        Timespec wanted = new() { Seconds = (nint)(time.Ticks / TimeSpan.TicksPerSecond), Nanoseconds = (nint)(time.Ticks % TimeSpan.TicksPerSecond * 100) };
        _ = Sleep(in wanted, 0);
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int Sleep(in Timespec wanted, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private struct Timespec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
