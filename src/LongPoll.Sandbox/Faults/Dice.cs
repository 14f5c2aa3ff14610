namespace LongPoll.Sandbox.Faults;

/// <summary>
/// Numbers that depend on a seed, an order's own number and a subject alone: the same in every run, on every machine,
/// and in whatever order orders come.
/// </summary>
internal struct Dice(long seed, long number, string subject)
{
    private ulong _state = Mix(Mix((ulong)seed) ^ Mix((ulong)number * 31) ^ Hash(subject));

    /// <summary>True in this many of a hundred cases.</summary>
    public bool Chance(int percent) => Below(100) < percent;

    public int Below(int end)
    {
        _state = Mix(_state + 0x9E3779B97F4A7C15);
        return (int)(_state % (ulong)end);
    }

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * (Below(1000) / 1000.0));

    // SplitMix64's finisher.
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    // FNV-1a: string.GetHashCode differs from run to run.
    private static ulong Hash(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in text)
            hash = (hash ^ c) * 1099511628211;
        return hash;
    }
}
