using LongPoll.Server.Hosting;
using LongPoll.Server.Payments;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Waiting;

/// <summary>Everybody who waits on a node: limits, draining, and the sweep that looks when messages may be lost.</summary>
public sealed class WaitersTests : IDisposable
{
    private readonly WaitingRoom _room = new(new LongPollOptions { MaxWaiters = 3, MaxWaitersPerOrder = 2 });

    [Fact]
    public async Task Join_TheOrderHasItsWaiters_IsFullUntilOneLeaves()
    {
        using var client = new CancellationTokenSource();
        var first = await _room.ParkAsync(client: client);
        await _room.ParkAsync();

        Assert.Equal(WaitEnding.OrderFull, (await _room.WaitAsync()).Ending);
        Assert.Equal(2, _room.Waiters.Count);

        await client.CancelAsync();
        await first;
        await _room.ParkAsync();
    }

    [Fact]
    public async Task Join_TheNodeHasItsWaiters_IsFull()
    {
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(await _room.Waiters.JoinAsync(NewWaiter(Guid.NewGuid())));
        }

        Assert.Equal(WaitEnding.NodeFull, await _room.Waiters.JoinAsync(NewWaiter(Guid.NewGuid())));
        Assert.Equal(3, _room.Waiters.Count);
    }

    [Fact]
    public async Task Drain_LetsTheParkedGoWithTheirView_AndRefusesNewOnes()
    {
        var wait = await _room.ParkAsync();

        await _room.Waiters.DrainAsync(TimeSpan.Zero, CancellationToken.None).SoonAsync();

        var result = await wait;
        Assert.Equal((WaitEnding.Draining, 3L), (result.Ending, result.Snapshot?.Version));
        Assert.True(_room.Waiters.Draining);
        Assert.Equal(WaitEnding.NodeFull, (await _room.WaitAsync()).Ending);
    }

    [Fact]
    public async Task Drain_IsSpreadOverItsTime()
    {
        var first = NewWaiter(Guid.NewGuid());
        var second = NewWaiter(Guid.NewGuid());
        await _room.Waiters.JoinAsync(first);
        await _room.Waiters.JoinAsync(second);

        var drain = _room.Waiters.DrainAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
        Assert.True(first.Over ^ second.Over);

        _room.Clock.Advance(TimeSpan.FromSeconds(5));
        await drain.SoonAsync();
        Assert.True(first.Over && second.Over);
    }

    [Fact]
    public async Task Sweep_WithABusThatWorks_AsksNothing()
    {
        await _room.ParkAsync();

        await _room.Sweep.SweepAsync(CancellationToken.None);

        Assert.Empty(_room.Store.Sweeps);
    }

    [Fact]
    public async Task Hint_IsLookedAtByTheNextSweepAlone()
    {
        var wait = await _room.ParkAsync();
        Assert.Null(await _room.Waiters.JoinAsync(NewWaiter(Guid.NewGuid())));
        _room.Waiters.Hint(_room.OrderId);
        _room.Store.Order = _room.Store.Order! with { Version = 4, PaymentStatus = PaymentStatus.Completed };

        await _room.Sweep.SweepAsync(CancellationToken.None);

        Assert.Equal(WaitEnding.Notified, (await wait).Ending);
        Assert.Equal([new AnnouncedVersion(_room.OrderId, 3)], Assert.Single(_room.Store.Sweeps));
        await _room.Sweep.SweepAsync(CancellationToken.None);
        Assert.Single(_room.Store.Sweeps);
    }

    [Fact]
    public async Task MayHaveMissed_AsksOnceAboutAll()
    {
        var wait = await _room.ParkAsync();
        for (var i = 0; i < 2; i++)
        {
            await _room.Waiters.JoinAsync(NewWaiter(Guid.NewGuid()));
        }

        _room.Waiters.MayHaveMissed();
        _room.Store.Order = _room.Store.Order! with { Version = 4, PaymentStatus = PaymentStatus.Completed };
        await _room.Sweep.SweepAsync(CancellationToken.None);
        await _room.Sweep.SweepAsync(CancellationToken.None);

        Assert.Equal(3, Assert.Single(_room.Store.Sweeps).Count);
        Assert.Equal(4, (await wait).Snapshot?.Version);
    }

    [Fact]
    public async Task SubscriptionsLost_AreMadeAgainOnceTheBusWorks_AndWhatWasSaidMeanwhileIsLookedUp()
    {
        var wait = await _room.ParkAsync();
        await _room.Waiters.JoinAsync(NewWaiter(Guid.NewGuid()));
        _room.Bus.Reliable = false;
        _room.Waiters.SubscriptionsLost();
        await _room.Sweep.SweepAsync(CancellationToken.None);
        Assert.Equal(2, _room.Log.Count(l => l == "subscribe"));

        _room.Bus.Reliable = true;
        await _room.Sweep.SweepAsync(CancellationToken.None);
        Assert.Equal(4, _room.Log.Count(l => l == "subscribed"));
        _room.Store.Order = _room.Store.Order! with { Version = 4, PaymentStatus = PaymentStatus.Completed };
        await _room.Sweep.SweepAsync(CancellationToken.None);

        Assert.Equal(4, (await wait).Snapshot?.Version);
        Assert.Equal([2, 2, 2], _room.Store.Sweeps.Select(s => s.Count));
        await _room.Sweep.SweepAsync(CancellationToken.None);
        Assert.Equal(3, _room.Store.Sweeps.Count);
    }

    [Fact]
    public async Task SubscriptionsLost_OfVeryMany_AreMadeAgainSomeAtATime()
    {
        using var room = new WaitingRoom();
        for (var i = 0; i < Waiters.MostSubscribedAtOnce + 1; i++)
        {
            await room.Waiters.JoinAsync(NewWaiter(Guid.NewGuid()));
        }

        room.Waiters.SubscriptionsLost();
        room.Log.Clear();

        room.Waiters.TakeDoubtful();
        Assert.Equal(Waiters.MostSubscribedAtOnce, room.Log.Count(l => l == "subscribed"));
        room.Waiters.TakeDoubtful();
        Assert.Equal(Waiters.MostSubscribedAtOnce + 1, room.Log.Count(l => l == "subscribed"));
    }

    [Fact]
    public async Task MayHaveMissed_WhileASweepBegins_IsLookedAtAllTheSame()
    {
        await _room.ParkAsync();
        _room.Bus.Reliable = false;
        _room.Bus.OnAsked = () =>
        {
            // The probe is heard in this moment: who may have missed something is told, and then the bus is believed.
            _room.Bus.OnAsked = () => { };
            _room.Waiters.MayHaveMissed();
            _room.Bus.Reliable = true;
        };

        var first = _room.Waiters.TakeDoubtful();
        var second = _room.Waiters.TakeDoubtful();

        Assert.Single([.. first, .. second]);
    }

    [Fact]
    public async Task UnreliableBus_IsSweptEverySecond_AndAFailedSweepIsRepeated()
    {
        _room.Bus.Reliable = false;
        var wait = await _room.ParkAsync();
        await _room.Sweep.StartAsync(CancellationToken.None);
        await Eventually.IsAsync(() => _room.Clock.Waiting == 2);
        _room.Store.OnRead = () => throw new TimeoutException();
        _room.Clock.Advance(TimeSpan.FromSeconds(1));
        await Eventually.IsAsync(() => _room.Store.Sweeps.Count == 1);

        // Reliable again: what was not answered is still owed.
        _room.Bus.Reliable = true;
        _room.Store.OnRead = () => Task.CompletedTask;
        _room.Store.Order = _room.Store.Order! with { Version = 4, PaymentStatus = PaymentStatus.Completed };
        await Eventually.IsAsync(() =>
        {
            _room.Clock.Advance(TimeSpan.FromSeconds(1));
            return wait.IsCompleted;
        });

        Assert.Equal(WaitEnding.Notified, (await wait).Ending);
        await _room.Sweep.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task SubscriptionThatNeverConfirms_IsWaitedForHalfASecond_ThenTheSweepCovers()
    {
        _room.Bus.OnSubscribe = _ => new TaskCompletionSource().Task;
        var wait = _room.WaitAsync();
        _room.Clock.Advance(TimeSpan.FromMilliseconds(499));
        Assert.DoesNotContain("read", _room.Log);

        _room.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await Eventually.IsAsync(() => _room.Log.Contains("read") && _room.Clock.Waiting == 1);
        Assert.False(wait.IsCompleted);

        _room.Store.Order = _room.Store.Order! with { Version = 4, PaymentStatus = PaymentStatus.Completed };
        await _room.Sweep.SweepAsync(CancellationToken.None);
        Assert.Equal(4, (await wait).Snapshot?.Version);
    }

    [Fact]
    public async Task SubscriptionThatFails_IsTriedAgainByTheSweep()
    {
        _room.Bus.OnSubscribe = _ => Task.FromException(new TimeoutException());
        var wait = await _room.ParkAsync();
        _room.Bus.OnSubscribe = _ => Task.CompletedTask;

        await _room.Sweep.SweepAsync(CancellationToken.None);
        Assert.Contains("subscribed", _room.Log);

        // It is confirmed now: looked at once more, and then there is nothing to ask about.
        await _room.Sweep.SweepAsync(CancellationToken.None);
        var looked = _room.Store.Sweeps.Count;
        Assert.InRange(looked, 1, 2);
        await _room.Sweep.SweepAsync(CancellationToken.None);
        Assert.Equal(looked, _room.Store.Sweeps.Count);
        _room.Waiters.Deliver(_room.View(4));
        Assert.Equal(WaitEnding.Notified, (await wait).Ending);
    }

    [Fact]
    public async Task SubscriptionMadeLate_WhatWasSaidBeforeIsFoundByTheNextSweep()
    {
        _room.Bus.OnSubscribe = _ => Task.FromException(new TimeoutException());
        var wait = await _room.ParkAsync();
        _room.Bus.OnSubscribe = _ => Task.CompletedTask;
        await _room.Sweep.SweepAsync(CancellationToken.None);

        // Committed and announced by another node after that sweep had read, and before the subscription was there.
        _room.Store.Order = _room.Store.Order! with { PaymentStatus = PaymentStatus.Completed, Version = 4 };
        await _room.Sweep.SweepAsync(CancellationToken.None);

        Assert.Equal(4, (await wait).Snapshot!.Version);
    }

    public void Dispose() => _room.Dispose();

    private static Waiter NewWaiter(Guid orderId) => new(orderId, new WaitCondition(null, WaitUntil.Settled));
}
