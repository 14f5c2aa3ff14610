using System.Reflection;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using LongPoll.Benchmarks;
using Xunit;

namespace LongPoll.Tests.LoadTests;

/// <summary>The micro-benchmarks, each played once: whether they still run, not how fast.</summary>
public sealed class BenchmarkTests : IDisposable
{
    private readonly string _artifacts = Directory.CreateTempSubdirectory("longpoll-benchmarks-").FullName;

    [Fact]
    public void EveryBenchmark_Runs()
    {
        var summaries = Run.Play(["--filter", "*", "--job", "dry", "--artifacts", _artifacts], ConfigOptions.DisableOptimizationsValidator);

        Assert.All(summaries, summary => Assert.True(Run.Succeeded(summary), summary.Title));
        Assert.Equal(Declared(), summaries.SelectMany(summary => summary.Reports.Select(report => report.BenchmarkCase.Descriptor.WorkloadMethod.Name)).ToHashSet(StringComparer.Ordinal));
    }

    [Fact]
    public void NothingChosen_IsNoSuccess() =>
        Assert.Empty(Run.Play(["--filter", "*Nonsense*", "--job", "dry", "--artifacts", _artifacts], ConfigOptions.DisableOptimizationsValidator));

    public void Dispose() => Directory.Delete(_artifacts, recursive: true);

    private static HashSet<string> Declared() => typeof(Run).Assembly.GetTypes()
        .SelectMany(type => type.GetMethods())
        .Where(method => method.GetCustomAttribute<BenchmarkAttribute>() is not null)
        .Select(method => method.Name)
        .ToHashSet(StringComparer.Ordinal);
}
