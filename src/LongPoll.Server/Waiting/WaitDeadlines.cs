namespace LongPoll.Server.Waiting;

/// <summary>
/// When the waits of this node run out: one timer for all of them. A wheel of lists, one for each tenth of a second, so that a
/// wait costs a place in a list and no timer, and whoever leaves early is taken out at once.
/// </summary>
internal sealed class WaitDeadlines : IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>More than the longest wait takes: two minutes, and time to spare.</summary>
    private const int Ticks = 2048;

    private readonly DueTogether[] _wheel = [.. Enumerable.Range(0, Ticks).Select(static _ => new DueTogether())];
    private readonly TimeProvider _clock;
    private readonly long _began;
    private readonly ITimer _timer;
    private long _passed;

    public WaitDeadlines(TimeProvider clock)
    {
        (_clock, _began) = (clock, clock.GetTimestamp());
        _timer = clock.CreateTimer(static me => ((WaitDeadlines)me!).EndWhoIsDue(), this, Tick, Tick);
    }

    /// <summary>Ends the waiter as timed out after this time, a tenth of a second late at most, unless it leaves before.</summary>
    public void Add(Waiter waiter, TimeSpan left)
    {
        var passed = Volatile.Read(ref _passed);
        var due = Math.Clamp((long)Math.Ceiling((_clock.GetElapsedTime(_began) + left) / Tick), passed + 1, passed + Ticks - 1);
        _wheel[due % Ticks].Add(waiter);
        if (Volatile.Read(ref _passed) >= due)
        {
            // Its tenth of a second was looked through while it was being put there.
            waiter.End(WaitEnding.Timeout);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void EndWhoIsDue()
    {
        var now = (long)(_clock.GetElapsedTime(_began) / Tick);
        for (var due = Volatile.Read(ref _passed) + 1; due <= now; due++)
        {
            // Said before it is done: who comes from here on looks for themselves.
            Volatile.Write(ref _passed, due);
            Interlocked.MemoryBarrier();
            _wheel[due % Ticks].End();
        }
    }
}

/// <summary>The waiters whose time is up in the same tenth of a second; linked through themselves, so that a place costs nothing.</summary>
internal sealed class DueTogether
{
    private readonly Lock _gate = new();
    private Waiter? _first;

    public void Add(Waiter waiter)
    {
        lock (_gate)
        {
            (waiter.Due, waiter.DueAfter) = (this, _first);
            _first?.DueBefore = waiter;
            _first = waiter;
        }
    }

    public void Remove(Waiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Due is null)
            {
                return;
            }

            waiter.DueBefore?.DueAfter = waiter.DueAfter;
            waiter.DueAfter?.DueBefore = waiter.DueBefore;
            if (_first == waiter)
            {
                _first = waiter.DueAfter;
            }

            (waiter.Due, waiter.DueBefore, waiter.DueAfter) = (null, null, null);
        }
    }

    public void End()
    {
        while (_first is { } waiter)
        {
            Remove(waiter);
            waiter.End(WaitEnding.Timeout);
        }
    }
}
