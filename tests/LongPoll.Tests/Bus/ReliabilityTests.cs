using LongPoll.Server.Bus;
using Xunit;

namespace LongPoll.Tests.Bus;

/// <summary>When a bus is believed again.</summary>
public sealed class ReliabilityTests
{
    private readonly Reliability _reliability = new();
    private int _looks;

    [Fact]
    public void AtTheStart_HeardOnceIsEnough()
    {
        Assert.False(_reliability.Holds);

        Assert.True(Heard());

        Assert.True(_reliability.Holds);
        Assert.Equal(1, _looks);
    }

    [Fact]
    public void AfterALoss_HeardTwiceInARowIsNeeded_AndEverybodyLooksOnce()
    {
        Heard();
        Assert.True(_reliability.Lost());
        Assert.False(Heard());
        Assert.False(_reliability.Lost());
        Assert.False(Heard());
        Assert.False(_reliability.Holds);

        Assert.True(Heard());
        Assert.False(Heard());
        Assert.False(Heard());

        Assert.True(_reliability.Holds);
        Assert.Equal(2, _looks);
    }

    [Fact]
    public void LostBeforeItWasHeard_IsALossLikeAnyOther()
    {
        Assert.False(_reliability.Lost());

        Assert.False(Heard());
        Assert.True(Heard());
    }

    // Whoever sweeps between the two must not find that all is well and that nothing was missed.
    [Fact]
    public void Heard_TheLookIsOrderedBeforeTheBusIsBelieved() =>
        Assert.True(_reliability.Heard(() => Assert.False(_reliability.Holds)));

    // The connection breaks, and is back before the next probe: then only this loss has everybody look.
    [Fact]
    public async Task Lost_InTheMomentInWhichItIsBelieved_IsNotForgotten()
    {
        var lost = Task.CompletedTask;

        _reliability.Heard(() =>
        {
            lost = Task.Run(_reliability.Lost, TestContext.Current.CancellationToken);
            _ = lost.Wait(TimeSpan.FromMilliseconds(200), TestContext.Current.CancellationToken);
        });
        await lost;

        Assert.False(_reliability.Holds);
    }

    private bool Heard() => _reliability.Heard(() => _looks++);
}
