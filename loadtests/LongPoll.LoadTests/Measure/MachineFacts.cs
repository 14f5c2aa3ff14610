using System.Diagnostics;
using System.Globalization;

namespace LongPoll.LoadTests.Measure;

/// <summary>
/// What the figures were taken on; without it they mean nothing. The load average counts the processes that wanted a core
/// in the minute before the run: whatever they are, the run has to share with them.
/// </summary>
internal sealed record MachineFacts(
    int Cores, string Processor, long MemoryBytes, string Kernel, string Runtime, int OpenFileLimitOfRunner, double LoadAverage)
{
    public static MachineFacts Read() => new(
        Environment.ProcessorCount,
        ValueOf("/proc/cpuinfo", "model name") ?? "unknown",
        (long.TryParse(ValueOf("/proc/meminfo", "MemTotal")?.Split(' ')[0], CultureInfo.InvariantCulture, out long kilobytes) ? kilobytes : 0) * 1024,
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Environment.Version.ToString(),
        OpenFileLimit(Environment.ProcessId),
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));

    public static int OpenFileLimit(int pid)
    {
        const string Name = "Max open files";
        string line = File.ReadLines($"/proc/{pid}/limits").First(line => line.StartsWith(Name, StringComparison.Ordinal));
        string soft = line[Name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return int.TryParse(soft, CultureInfo.InvariantCulture, out int limit) ? limit : int.MaxValue;
    }

    /// <summary>The commit of the working folder, with a mark when files differ from it; null where there is no git.</summary>
    public static string? Commit()
    {
        string? commit = Git("rev-parse", "HEAD");
        return commit is null || string.IsNullOrEmpty(Git("status", "--porcelain")) ? commit : $"{commit} and changes";
    }

    private static string? Git(params string[] arguments)
    {
        try
        {
            using Process git = Process.Start(
                new ProcessStartInfo("git", arguments)
                {
                    UseShellExecute = false,
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                })!;
            string said = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? said : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    private static string? ValueOf(string file, string name) => File.ReadLines(file)
        .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
        ?.Split(':', 2)[1].Trim();
}
