using System.Text.Json;
using LongPoll.Server.Hosting;
using Xunit;

namespace LongPoll.Tests.Hosting;

/// <summary>What <c>src/docs/performance.md</c> says of the runtime stands in the file that the runtime reads.</summary>
public sealed class RuntimeSettingsTests
{
    private static readonly JsonElement Properties = JsonDocument
        .Parse(File.ReadAllText(Path.ChangeExtension(typeof(LongPollApplication).Assembly.Location, "runtimeconfig.json")))
        .RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");

    [Fact]
    public void IdleThreads_DoNotSpin() =>
        Assert.Equal(0, Properties.GetProperty("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit").GetInt32());

    [Fact]
    public void GarbageCollector_IsTheServers() => Assert.True(Properties.GetProperty("System.GC.Server").GetBoolean());

    [Fact]
    public void GarbageCollector_DoesNotAdaptItsSize() => Assert.Equal(0, Properties.GetProperty("System.GC.DynamicAdaptationMode").GetInt32());

    [Fact]
    public void GarbageCollector_ClosesTheHolesThatItLeaves() => Assert.Equal(9, Properties.GetProperty("System.GC.ConserveMemory").GetInt32());
}
