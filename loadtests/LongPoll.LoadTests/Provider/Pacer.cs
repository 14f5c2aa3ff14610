namespace LongPoll.LoadTests.Provider;

/// <summary>
/// Sends callbacks on a schedule that was fixed beforehand. It never waits for an answer, and when it falls behind it
/// catches up, so that a server that stands still for a second is charged for everything that was due in that second.
/// </summary>
internal sealed class Pacer(CallbackLanes lanes, double rate, TimeProvider clock, Progress progress)
{
    /// <summary>Returns when every callback has been answered.</summary>
    public async Task ReleaseAsync(IReadOnlyList<Payment> payments, CancellationToken cancel)
    {
        // A thread of its own: timers of the thread pool are late by a millisecond or two, more than many a callback takes.
        await Task.Factory.StartNew(
            () => KeepTime(payments, cancel), cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await lanes.DrainAsync();
    }

    private void KeepTime(IReadOnlyList<Payment> payments, CancellationToken cancel)
    {
        long start = clock.GetTimestamp();
        double gap = clock.TimestampFrequency / rate;
        for (int i = 0; i < payments.Count && !cancel.IsCancellationRequested; i++)
        {
            long due = start + (long)(i * gap);
            for (long now = clock.GetTimestamp(); now < due; now = clock.GetTimestamp())
                NanoSleep.For(clock.GetElapsedTime(now, due));
            payments[i].DueAt = due;
            lanes.Send(payments[i]);
            progress.Show("callbacks", i + 1, payments.Count);
        }
    }
}
