namespace LongPoll.LoadTests;

/// <summary>What the console says meanwhile: one line that lives, or, where nobody looks, a line every few seconds.</summary>
internal sealed class Progress(TimeProvider clock, TextWriter to, bool isLive)
{
    private readonly TimeSpan _gap = isLive ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(5);
    private long _toldAt = clock.GetTimestamp();

    /// <summary>To the console; the line lives where it is a terminal.</summary>
    public static Progress OfConsole(TimeProvider clock) => new(clock, Console.Out, !Console.IsOutputRedirected);

    public void Show(string what, int done, int all)
    {
        long last = Interlocked.Read(ref _toldAt);
        if (clock.GetElapsedTime(last) < _gap || Interlocked.CompareExchange(ref _toldAt, clock.GetTimestamp(), last) != last)
            return;
        string line = $"{what} {done:N0} of {all:N0}";
        if (isLive)
            to.Write($"\r{line}\e[K");
        else
            to.WriteLine(line);
    }

    public void Say(string line)
    {
        Interlocked.Exchange(ref _toldAt, clock.GetTimestamp());
        to.WriteLine(isLive ? $"\r{line}\e[K" : line);
    }
}
