using LongPoll.LoadTests.Subjects;

namespace LongPoll.LoadTests.Buyers;

/// <summary>Pages that wait together, every one on a connection of its own, as browsers would be. They stay for the next round.</summary>
internal sealed class WaitingRoom(ISubject subject, TimeProvider clock) : IDisposable
{
    // 2,000 a second. Connecting is done when the kernel says so, not when the server has accepted: without this pace its
    // queue of 512 overflows, and whoever found it full comes back seconds later.
    private const int ArrivingAtOnce = 50;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan PatienceToConnect = TimeSpan.FromSeconds(30);

    private readonly List<Page> _pages = [];
    private readonly List<Wait> _waits = [];
    private int _waiting;

    /// <summary>Everybody who waits, or has been answered since the room was emptied.</summary>
    public IReadOnlyList<Wait> Waits => _waits;

    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>How long so many need to arrive.</summary>
    public static TimeSpan ParkingTime(int pages) => Beat * pages / ArrivingAtOnce;

    /// <summary>Adds one page for each payment; returns when all have asked.</summary>
    public async Task ParkAsync(IReadOnlyList<Payment> payments, CancellationToken cancel)
    {
        using PeriodicTimer beat = new(Beat, clock);
        foreach (Payment[] group in payments.Chunk(ArrivingAtOnce))
        {
            foreach (Payment payment in group)
                Seat(payment);
            await beat.WaitForNextTickAsync(cancel);
        }

        _ = await UntilAsync(() => _waits.All(wait => wait.AskedAt != 0 || wait.Fault is not null), PatienceToConnect, cancel);
    }

    /// <summary>Closes every connection, and all pages that still wait ask again on new ones at the same moment.</summary>
    public void ReconnectAll()
    {
        Page[] before = [.. _pages];
        _pages.Clear();
        foreach (Page page in before)
            page.Dispose();
        foreach (Page page in before.Where(page => page.Wait.AnsweredAt == 0))
        {
            Page again = NewPage(page.Wait.Payment);
            page.Wait.AskedAt = 0;
            again.Begin(page.Wait, subject.WaitRequest(page.Wait.Payment));
        }
    }

    /// <summary>Returns when everybody has an answer; whoever has none when patience ends gets a fault instead.</summary>
    public async Task EverybodyIsAnsweredAsync(TimeSpan patience, CancellationToken cancel)
    {
        if (await UntilAsync(() => Waiting == 0, patience, cancel))
            return;
        foreach (Wait wait in _waits.Where(wait => wait is { AnsweredAt: 0, Fault: null }))
            wait.Fault = "no answer";
    }

    /// <summary>Forgets the waits; the pages keep their connections.</summary>
    public void Empty() => _waits.Clear();

    public void Dispose()
    {
        foreach (Page page in _pages)
            page.Dispose();
    }

    // Looking now and then is enough: every instant that counts is taken where it happens.
    private async Task<bool> UntilAsync(Func<bool> condition, TimeSpan patience, CancellationToken cancel)
    {
        long began = clock.GetTimestamp();
        while (!condition())
        {
            if (clock.GetElapsedTime(began) > patience)
                return false;
            await Task.Delay(Beat, clock, cancel);
        }

        return true;
    }

    private void Seat(Payment payment)
    {
        Interlocked.Increment(ref _waiting);
        Wait wait = new(payment);
        Page page = _waits.Count < _pages.Count ? _pages[_waits.Count] : NewPage(payment);
        _waits.Add(wait);
        page.Begin(wait, subject.WaitRequest(payment));
    }

    private Page NewPage(Payment payment)
    {
        Page page = new(subject.NodeOf(payment), pause: null, clock, _ => Interlocked.Decrement(ref _waiting));
        _pages.Add(page);
        return page;
    }
}
