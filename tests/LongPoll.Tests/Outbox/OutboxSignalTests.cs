using LongPoll.Server.Outbox;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Outbox;

/// <summary>What wakes a lane of the worker.</summary>
public sealed class OutboxSignalTests
{
    private readonly OutboxSignal _signal = new();

    [Fact]
    public async Task Wait_Nudged_ReturnsAtOnce()
    {
        var wait = WaitAsync();
        Assert.False(wait.IsCompleted);

        _signal.Nudge();

        await wait.SoonAsync();
    }

    [Fact]
    public async Task Wait_NudgedBefore_ReturnsAtOnce()
    {
        _signal.Nudge();

        await WaitAsync().SoonAsync();
    }

    [Fact]
    public async Task Wait_AfterAHundredNudges_ReturnsOnceForAll()
    {
        for (var i = 0; i < 100; i++)
        {
            _signal.Nudge();
        }

        await WaitAsync().SoonAsync();
        var next = WaitAsync();
        Assert.False(next.IsCompleted);

        _signal.Nudge();
        await next.SoonAsync();
    }

    [Fact]
    public async Task Wait_AfterAClearedNudge_ReturnsAtTheNext()
    {
        _signal.Nudge();
        _signal.Clear();
        var wait = WaitAsync();
        Assert.False(wait.IsCompleted);

        _signal.Nudge();

        await wait.SoonAsync();
    }

    [Fact]
    public async Task Wait_Cancelled_ThrowsAndLosesNoLaterNudge()
    {
        using var stop = new CancellationTokenSource();
        var wait = _signal.WaitAsync(stop.Token).AsTask();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.SoonAsync());
        _signal.Nudge();
        await WaitAsync().SoonAsync();
    }

    private Task<bool> WaitAsync() => _signal.WaitAsync(TestContext.Current.CancellationToken).AsTask();
}
