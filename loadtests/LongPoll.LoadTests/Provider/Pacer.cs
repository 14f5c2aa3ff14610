using LongPoll.LoadTests.Client;

namespace LongPoll.LoadTests.Provider;

/// <summary>
/// Sends callbacks on a schedule that was fixed beforehand. It never waits for an answer, and when it falls behind it
/// catches up, so that a server that stands still for a second is charged for everything that was due in that second.
/// </summary>
internal sealed class Pacer(CallbackLanes lanes, double rate, TimeProvider clock, Progress progress)
{
    /// <summary>Returns when every callback has been sent.</summary>
    public Task ReleaseAsync(IReadOnlyList<Payment> payments, CancellationToken cancel) =>
        // A thread of its own: timers of the thread pool are late by a millisecond or two, more than many a callback takes.
        Task.Factory.StartNew(() => KeepTime(payments, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private void KeepTime(IReadOnlyList<Payment> payments, CancellationToken cancel)
    {
        long start = clock.GetTimestamp();
        double gap = clock.TimestampFrequency / rate;
        for (int i = 0; i < payments.Count && !cancel.IsCancellationRequested; i++)
        {
            long due = start + (long)(i * gap);
            for (long now = clock.GetTimestamp(); now < due; now = clock.GetTimestamp())
                Sleep(clock.GetElapsedTime(now, due));
            payments[i].DueAt = due;
            lanes.Send(payments[i]);
            progress.Show("callbacks", i + 1, payments.Count);
        }
    }

    // The kernel's own sleep, late by some 60 µs, where .NET counts in milliseconds. A signal may end it early.
    private static void Sleep(TimeSpan time)
    {
        Libc.Timespec wanted = new() { Seconds = (nint)(time.Ticks / TimeSpan.TicksPerSecond), Nanoseconds = (nint)(time.Ticks % TimeSpan.TicksPerSecond * 100) };
        _ = Libc.Sleep(in wanted, 0);
    }
}
