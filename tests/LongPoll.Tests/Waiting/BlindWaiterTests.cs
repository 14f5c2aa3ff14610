using LongPoll.Server.Payments;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Waiting;

/// <summary>Who came while the database was out has seen nothing: it is looked for until it has, though the bus works.</summary>
public sealed class BlindWaiterTests : IDisposable
{
    private readonly WaitingRoom _room = new();

    [Fact]
    public async Task DatabaseComesBack_ThePaidOrderIsAnswered()
    {
        var wait = await ParkBlindAsync();
        _room.Store.Order = _room.Store.Order! with { Version = 4, PaymentStatus = PaymentStatus.Completed };
        await Assert.ThrowsAsync<TimeoutException>(() => _room.Sweep.SweepAsync(CancellationToken.None));
        Assert.False(wait.IsCompleted);

        _room.Store.OnRead = () => Task.CompletedTask;
        await _room.Sweep.SweepAsync(CancellationToken.None);

        var result = await wait;
        Assert.Equal((WaitEnding.Notified, 4L), (result.Ending, result.Snapshot?.Version));
    }

    [Fact]
    public async Task DatabaseComesBack_TheUnpaidOrderIsLookedAtOnceAndThenWaitsForItsMessage()
    {
        var wait = await ParkBlindAsync();
        _room.Store.OnRead = () => Task.CompletedTask;

        await _room.Sweep.SweepAsync(CancellationToken.None);
        await _room.Sweep.SweepAsync(CancellationToken.None);

        Assert.Equal([new AnnouncedVersion(_room.OrderId, 0)], Assert.Single(_room.Store.Sweeps));
        Assert.False(wait.IsCompleted);
        _room.Waiters.Deliver(_room.View(4));
        Assert.Equal(4, (await wait).Snapshot?.Version);
    }

    [Fact]
    public async Task DatabaseComesBack_WhoHasSeenThisVersionIsNotWokenByIt()
    {
        _room.Store.OnRead = () => throw new TimeoutException();
        var wait = await _room.ParkAsync(since: 3, WaitUntil.Change);
        _room.Store.OnRead = () => Task.CompletedTask;

        await _room.Sweep.SweepAsync(CancellationToken.None);

        Assert.False(wait.IsCompleted);
        _room.Store.Order = _room.Store.Order! with { Version = 5 };
        _room.Waiters.Hint(_room.OrderId);
        await _room.Sweep.SweepAsync(CancellationToken.None);
        Assert.Equal(5, (await wait).Snapshot?.Version);
    }

    [Fact]
    public async Task DatabaseIsOutForTheWholeSecondOfASweep_TheNextOneLooksAgain()
    {
        var wait = await ParkBlindAsync();
        _room.Store.Order = _room.Store.Order! with { Version = 4, PaymentStatus = PaymentStatus.Cancelled };
        await _room.Sweep.StartAsync(CancellationToken.None);
        await Eventually.IsAsync(() => _room.Clock.Waiting == 2);
        for (var failed = 1; failed <= 3; failed++)
        {
            _room.Clock.Advance(TimeSpan.FromSeconds(1));
            await Eventually.IsAsync(() => _room.Store.Sweeps.Count == failed);
        }

        _room.Store.OnRead = () => Task.CompletedTask;
        await Eventually.IsAsync(() =>
        {
            _room.Clock.Advance(TimeSpan.FromSeconds(1));
            return wait.IsCompleted;
        });

        Assert.Equal(4, (await wait).Snapshot?.Version);
        await _room.Sweep.StopAsync(CancellationToken.None);
    }

    public void Dispose() => _room.Dispose();

    private async Task<Task<WaitResult>> ParkBlindAsync()
    {
        _room.Store.OnRead = () => throw new TimeoutException();
        var wait = await _room.ParkAsync();
        Assert.True(_room.Bus.Reliable);
        return wait;
    }
}
