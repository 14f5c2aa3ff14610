using Xunit;

namespace LongPoll.IntegrationTests.Faults;

/// <summary>These tests kill servers and measure seconds: one after the other, and nothing beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultsCollection
{
    public const string Name = "Faults";
}
