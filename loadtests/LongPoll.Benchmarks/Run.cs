using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace LongPoll.Benchmarks;

/// <summary>How the benchmarks are run.</summary>
internal static class Run
{
    /// <summary>Plays what BenchmarkDotNet's own arguments ask for, for example <c>--filter '*' --job dry</c>.</summary>
    /// <param name="args">Arguments of BenchmarkDotNet.</param>
    /// <param name="options">Further options, for runs that prove nothing about speed.</param>
    public static IReadOnlyList<Summary> Play(string[] args, ConfigOptions options = ConfigOptions.Default)
    {
        // In this process: a toolchain of its own would restore packages for each benchmark. A mutator, so that it also holds
        // for the job that the arguments choose.
        IConfig config = DefaultConfig.Instance
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).AsMutator())
            .AddDiagnoser(MemoryDiagnoser.Default)
            .HideColumns(Column.Job, Column.Toolchain, Column.Error)
            .WithOptions(options);
        return [.. BenchmarkSwitcher.FromAssembly(typeof(Run).Assembly).Run(args, config)];
    }

    /// <summary>True when every benchmark that was chosen was measured.</summary>
    public static bool Succeeded(Summary summary) =>
        !summary.HasCriticalValidationErrors && summary.Reports.Length > 0 && summary.Reports.All(report => report.Success);
}
