using LongPoll.Server.Outbox;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Outbox;

/// <summary>What wakes the worker.</summary>
public sealed class OutboxSignalTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly TestTimeProvider _clock = new();
    private readonly OutboxSignal _signal = new();

    [Fact]
    public async Task Wait_Nudged_ReturnsAtOnce()
    {
        var wait = _signal.WaitAsync(Second, _clock, CancellationToken.None);
        Assert.False(wait.IsCompleted);

        _signal.Nudge();

        await wait.SoonAsync();
        Assert.Equal(0, _clock.Waiting);
    }

    [Fact]
    public async Task Wait_NudgedBefore_ReturnsAtOnce()
    {
        _signal.Nudge();

        await _signal.WaitAsync(Second, _clock, CancellationToken.None).SoonAsync();
    }

    [Fact]
    public async Task Wait_AfterAHundredNudges_ReturnsOnceForAll()
    {
        for (var i = 0; i < 100; i++)
        {
            _signal.Nudge();
        }

        await _signal.WaitAsync(Second, _clock, CancellationToken.None).SoonAsync();
        var next = _signal.WaitAsync(Second, _clock, CancellationToken.None);
        _clock.Advance(Second - TimeSpan.FromTicks(1));
        Assert.False(next.IsCompleted);

        _clock.Advance(TimeSpan.FromTicks(1));
        await next.SoonAsync();
    }

    [Fact]
    public async Task Wait_TimeIsUp_LosesNoLaterNudge()
    {
        var wait = _signal.WaitAsync(Second, _clock, CancellationToken.None);
        _clock.Advance(Second);
        await wait.SoonAsync();

        _signal.Nudge();

        await _signal.WaitAsync(Second, _clock, CancellationToken.None).SoonAsync();
    }

    [Fact]
    public async Task Wait_Cancelled_Throws()
    {
        using var stop = new CancellationTokenSource();
        var wait = _signal.WaitAsync(Second, _clock, stop.Token);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait.SoonAsync());
    }
}
