namespace LongPoll.LoadTests;

/// <summary>What the console says meanwhile; a count is told once a second at most, and when it is complete.</summary>
internal sealed class Progress(TimeProvider clock)
{
    private long _toldAt = clock.GetTimestamp();

    public void Show(string what, int done, int all)
    {
        long last = Interlocked.Read(ref _toldAt);
        if (done < all && clock.GetElapsedTime(last) < TimeSpan.FromSeconds(1))
            return;
        if (Interlocked.CompareExchange(ref _toldAt, clock.GetTimestamp(), last) == last)
            Console.WriteLine($"{what} {done:N0} of {all:N0}");
    }

    public void Say(string line)
    {
        Interlocked.Exchange(ref _toldAt, clock.GetTimestamp());
        Console.WriteLine(line);
    }
}
