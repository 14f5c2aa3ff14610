using System.Globalization;

namespace LongPoll.LoadTests.Measure;

/// <summary>A process with all that it started, as /proc shows them: PostgreSQL and nginx are families, servers are alone.</summary>
/// <param name="Role">What it is to the run: <c>server</c>, <c>redis</c>, <c>postgres</c>, <c>runner</c>.</param>
/// <param name="Pid">The eldest.</param>
/// <param name="IsAlone">Leaves out what it started: servers are children of the runner.</param>
/// <param name="Garbage">What has to be collected before memory is read.</param>
internal sealed record ProcessFamily(string Role, int Pid, bool IsAlone = false, Garbage Garbage = Garbage.None)
{
    // USER_HZ, which Linux has fixed at 100 for everything it shows.
    private const int TicksPerSecond = 100;

    /// <summary>Processor time used so far, by members that have ended too.</summary>
    public TimeSpan CpuTime()
    {
        long ticks = 0;
        foreach (Stat member in Members())
            ticks += member.Ticks + (IsAlone ? 0 : member.TicksOfTheDead);
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

    /// <summary>
    /// Physical memory in bytes; what members share is counted once (proportional set size), so that a family can be compared
    /// with a process. Kernel memory is not part of it.
    /// </summary>
    public long MemoryBytes() => Members().Sum(member => KilobytesOf($"/proc/{member.Pid}/smaps_rollup", "Pss") * 1024);

    /// <summary>The smallest limit of open files among the members.</summary>
    public int OpenFileLimit() => Members().Select(member => LimitOf(member.Pid)).DefaultIfEmpty(int.MaxValue).Min();

    /// <summary>How many files the members have open.</summary>
    public int OpenFiles() => Members().Sum(member => Directory.GetFiles($"/proc/{member.Pid}/fd").Length);

    public static int LimitOf(int pid)
    {
        const string Name = "Max open files";
        string line = File.ReadLines($"/proc/{pid}/limits").First(line => line.StartsWith(Name, StringComparison.Ordinal));
        string soft = line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, CultureInfo.InvariantCulture, out int limit) ? limit : int.MaxValue;
    }

    /// <summary>A value of a file of /proc that is given in kilobytes; 0 when it is not there.</summary>
    public static long KilobytesOf(string file, string name)
    {
        string? line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    private List<Stat> Members()
    {
        Stat eldest = StatOf($"/proc/{Pid}") ?? throw new RunImpossibleException($"The {Role} process {Pid} has ended.");
        List<Stat> members = [eldest];
        if (IsAlone)
            return members;
        List<Stat> everybody = [.. Directory.EnumerateDirectories("/proc").Select(StatOf).OfType<Stat>()];
        for (int i = 0; i < members.Count; i++)
            members.AddRange(everybody.Where(stat => stat.Parent == members[i].Pid));
        return members;
    }

    private static Stat? StatOf(string directory)
    {
        if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int pid))
            return null;
        string stat;
        try
        {
            stat = File.ReadAllText($"{directory}/stat");
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }

        // "pid (name) state ppid …": the name may hold blanks, so what counts stands behind the last bracket.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return new Stat(pid, (int)Number(1), Number(11) + Number(12), Number(13) + Number(14));

        long Number(int index) => long.Parse(fields[index], CultureInfo.InvariantCulture);
    }

    private sealed record Stat(int Pid, int Parent, long Ticks, long TicksOfTheDead);
}

/// <summary>Whose garbage a process keeps.</summary>
internal enum Garbage
{
    /// <summary>It frees its memory itself.</summary>
    None,

    /// <summary>The .NET runtime's, collected through its diagnostics port.</summary>
    DotNet,

    /// <summary>The Node baseline's, collected at SIGUSR2.</summary>
    Node,
}
