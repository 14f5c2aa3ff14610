using System.Diagnostics;
using System.Globalization;

namespace LongPoll.LoadTests.Measure;

/// <summary>
/// What the figures were taken on; without it they mean nothing. The load average counts the processes that wanted a core
/// in the minute before the run: whatever they are, the run has to share with them.
/// </summary>
/// <param name="Cores">Logical processors.</param>
/// <param name="Processor">Its model.</param>
/// <param name="MemoryBytes">Physical memory.</param>
/// <param name="Kernel">Release of Linux.</param>
/// <param name="Runtime">Version of .NET, for the runner.</param>
/// <param name="OpenFileLimit">Files that a process may open.</param>
/// <param name="LocalPorts">Ports for outgoing connections, for each pair of addresses.</param>
/// <param name="LoadAverage">Of the minute before.</param>
internal sealed record MachineFacts(
    int Cores, string Processor, long MemoryBytes, string Kernel, string Runtime, int OpenFileLimit, string LocalPorts, double LoadAverage)
{
    public static MachineFacts Read() => new(
        Environment.ProcessorCount,
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown",
        ProcessFamily.KilobytesOf("/proc/meminfo", "MemTotal") * 1024,
        File.ReadAllText("/proc/sys/kernel/osrelease").Trim(),
        Environment.Version.ToString(),
        ProcessFamily.LimitOf(Environment.ProcessId),
        File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range").Trim().Replace('\t', '-'),
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture));

    /// <summary>The kind of file system that a folder is on, for example ext4: the cost of a commit depends on it.</summary>
    public static string FileSystemOf(string directory) => new DriveInfo(
        DriveInfo.GetDrives().Select(drive => drive.Name).Where(root => directory.StartsWith(root, StringComparison.Ordinal)).MaxBy(root => root.Length)!).DriveFormat;

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
}
