using LongPoll.Server.Bus;
using LongPoll.Server.Payments;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Waiting;

/// <summary>One wait: the order of work, and what wakes it.</summary>
public sealed class WaitForOrderTests : IDisposable
{
    private readonly WaitingRoom _room = new();

    [Fact]
    public async Task Wait_OrderOfWork_IsCacheJoinReadPark()
    {
        var wait = await _room.ParkAsync();
        Assert.Equal(["cache", "subscribe", "subscribed", "read"], _room.Log);

        var view = _room.View(4);
        _room.Waiters.Deliver(view);
        var result = await wait;

        Assert.Equal(WaitEnding.Notified, result.Ending);
        Assert.Same(view, result.Snapshot);
        Assert.Equal(0, _room.Waiters.Count);
        _room.Linger();
        Assert.Equal(["cache", "subscribe", "subscribed", "read", "unsubscribe", "unsubscribed"], _room.Log);
    }

    [Fact]
    public async Task Wait_ComesStraightBack_FindsItsSubscription()
    {
        var first = await _room.ParkAsync(until: WaitUntil.Settled);
        _room.Waiters.Deliver(_room.View(4));
        await first;
        _room.Store.Order = _room.Store.Order! with { Version = 4, PaymentStatus = PaymentStatus.Completed };

        var second = await _room.ParkAsync(since: 4);
        _room.Linger();

        Assert.Equal(1, _room.Log.Count(l => l == "subscribe"));
        Assert.DoesNotContain("unsubscribe", _room.Log);
        _room.Waiters.Deliver(_room.View(5));
        Assert.Equal((WaitEnding.Notified, 5L), Told(await second));
        _room.Linger();
        Assert.Equal("unsubscribed", _room.Log.Last());
    }

    [Fact]
    public async Task Wait_EndsWhileOthersLinger_LingersAsLong()
    {
        var early = await _room.ParkAsync();
        _room.Waiters.Deliver(_room.View(4));
        await early;
        _room.Clock.Advance(TimeSpan.FromMilliseconds(90));
        var orderId = _room.OrderId;
        _room.Store.Order = Given.Order(version: 3);
        Assert.NotEqual(orderId, _room.OrderId);
        var late = await _room.ParkAsync();
        _room.Waiters.Deliver(_room.View(4));
        await late;

        _room.Clock.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(1, _room.Log.Count(l => l == "unsubscribed"));
        _room.Linger();
        Assert.Equal(2, _room.Log.Count(l => l == "unsubscribed"));

        // And whoever comes after a quiet time is not forgotten.
        var last = await _room.ParkAsync();
        _room.Waiters.Deliver(_room.View(4));
        await last;
        _room.Linger();
        Assert.Equal(3, _room.Log.Count(l => l == "unsubscribed"));
    }

    [Fact]
    public async Task Wait_AloneAndToldByTheDoor_IsAnsweredBeforeTheDoorGoesOn()
    {
        var wait = await _room.ParkAsync();

        _room.Waiters.Deliver(_room.View(4), onThisThread: true);

        Assert.True(wait.IsCompleted);
        Assert.Equal((WaitEnding.Notified, 4L), Told(await wait));
    }

    [Fact]
    public async Task Wait_OneOfMany_HoldsUpNobodyWhoTells()
    {
        var goesOn = new TaskCompletionSource();
        var waits = new List<Task>();
        for (var n = 0; n < 3; n++)
        {
            var waiter = new Waiter(_room.OrderId, new WaitCondition(null, WaitUntil.Settled));
            await _room.Wait.BeginAsync(waiter, WaitingRoom.Minute, CancellationToken.None);
            waits.Add(AnswerSlowlyAsync(waiter));
        }

        _room.Waiters.Deliver(_room.View(4), onThisThread: true);

        goesOn.SetResult();
        await Task.WhenAll(waits).SoonAsync();

        async Task AnswerSlowlyAsync(Waiter waiter)
        {
            await waiter.Task;

            // On the thread that tells, this would wait for ever.
            goesOn.Task.Wait(TestContext.Current.CancellationToken);
            _room.Wait.Leave(waiter);
        }
    }

    [Fact]
    public async Task Wait_AfterASubscriptionThatFailed_AsksForItAgain()
    {
        _room.Bus.OnSubscribe = _ => throw new BusUnavailableException("gone");
        var first = await _room.ParkAsync();
        _room.Waiters.Deliver(_room.View(4));
        await first;
        _room.Bus.OnSubscribe = _ => Task.CompletedTask;

        var second = await _room.ParkAsync();

        Assert.Equal(1, _room.Log.Count(l => l == "subscribed"));
        _room.Waiters.Deliver(_room.View(4));
        await second;
    }

    [Fact]
    public async Task Wait_CompletedInTheCache_NeitherJoinsNorReads()
    {
        _room.Bus.Latest = _room.View(9);

        Assert.Equal((WaitEnding.Cache, 9L), Told(await _room.WaitAsync()));
        Assert.Equal(["cache"], _room.Log);
    }

    [Fact]
    public async Task Wait_AnotherEndingInTheCache_IsReadFromTheDatabase()
    {
        // A new attempt may have begun since.
        _room.Bus.Latest = _room.View(2, PaymentStatus.Failed);

        var wait = await _room.ParkAsync();

        Assert.Contains("read", _room.Log);
        _room.Waiters.Deliver(_room.View(4));
        Assert.Equal(WaitEnding.Notified, (await wait).Ending);
    }

    [Fact]
    public async Task Wait_SettledInTheDatabase_AnswersFromIt()
    {
        _room.Store.Order = _room.Store.Order! with { PaymentStatus = PaymentStatus.Failed };

        Assert.Equal((WaitEnding.Database, 3L), Told(await _room.WaitAsync()));
    }

    [Fact]
    public async Task Wait_PromptOfAnotherNode_WhatBearsOnItsCallbackIsReadAlongOnce()
    {
        var now = _room.Clock.GetUtcNow().UtcDateTime;
        _room.Store.Order = _room.Store.Order! with { UpdatedAt = now };
        _room.Store.Attempts = [Given.AttemptOf(_room.Store.Order)];

        var waits = new[] { await _room.ParkAsync(), await _room.ParkAsync() };

        Assert.Equal((2, 1), (_room.Log.Count(step => step == "read"), _room.Store.ReadsWithAttempts));
        Assert.False(_room.UnderWay.Wants(_room.OrderId, now));
        _room.Waiters.Deliver(_room.View(4));
        Assert.All(await Task.WhenAll(waits), result => Assert.Equal(WaitEnding.Notified, result.Ending));
        Assert.True(_room.UnderWay.Wants(_room.OrderId, now));
    }

    [Fact]
    public async Task Wait_NoRoomToRemember_NothingIsReadAlong()
    {
        var now = _room.Clock.GetUtcNow().UtcDateTime;
        for (var n = 0; n < PaymentsUnderWay.Most; n++)
        {
            var other = Given.Order() with { OrderId = Guid.CreateVersion7(), CurrentAttemptId = Guid.CreateVersion7() };
            var prompt = Given.AttemptOf(other) with { AttemptId = other.CurrentAttemptId, OrderId = other.OrderId };
            _room.UnderWay.Read(new OrderWithAttempts(other, [prompt]), now);
        }

        _room.Store.Attempts = [Given.AttemptOf(_room.Store.Order!)];

        var wait = await _room.ParkAsync();

        Assert.Equal((1, 0), (_room.Log.Count(step => step == "read"), _room.Store.ReadsWithAttempts));
        _room.Waiters.Deliver(_room.View(4));
        Assert.Equal(WaitEnding.Notified, (await wait).Ending);
    }

    [Fact]
    public async Task Wait_SubscriptionNotConfirmed_IsNotRead_ForTheSecondWaiterEither()
    {
        var confirm = new TaskCompletionSource();
        _room.Bus.OnSubscribe = _ => confirm.Task;

        var first = _room.WaitAsync();
        var second = _room.WaitAsync();
        Assert.Equal(["cache", "subscribe", "cache"], _room.Log);

        confirm.SetResult();
        await Eventually.IsAsync(() => _room.Log.Count(l => l == "read") == 2);
        Assert.Equal(1, _room.Log.Count(l => l == "subscribe"));
        Assert.Equal(["subscribed", "read", "read"], _room.Log.Where(l => l is "subscribed" or "read"));

        await Eventually.IsAsync(() => _room.Waiters.Armed == 2);
        _room.Waiters.Deliver(_room.View(4));
        Assert.Equal(WaitEnding.Notified, (await first).Ending);
        Assert.Equal(WaitEnding.Notified, (await second).Ending);
    }

    [Fact]
    public async Task Wait_AMessageBetweenJoinAndRead_IsNotLost()
    {
        _room.Store.OnRead = () =>
        {
            _room.Waiters.Deliver(_room.View(4));
            return Task.CompletedTask;
        };

        Assert.Equal((WaitEnding.Notified, 4L), Told(await _room.WaitAsync()));
    }

    [Fact]
    public async Task Wait_AMessageOlderThanTheRow_NeverAnswers()
    {
        // Failed at version 2, tried again at version 3: the late message must not end the wait for the new attempt.
        _room.Store.OnRead = () =>
        {
            _room.Waiters.Deliver(_room.View(2, PaymentStatus.Failed));
            return Task.CompletedTask;
        };

        var wait = await _room.ParkAsync();
        _room.Waiters.Deliver(_room.View(2, PaymentStatus.Failed));
        Assert.False(wait.IsCompleted);

        _room.Waiters.Deliver(_room.View(4));
        Assert.Equal((WaitEnding.Notified, 4L), Told(await wait));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Wait_AVersionThatWasSeen_WakesNobody(long version)
    {
        var wait = await _room.ParkAsync();

        _room.Waiters.Deliver(_room.View(version));
        _room.Clock.Advance(WaitingRoom.Minute);

        Assert.Equal(WaitEnding.Timeout, (await wait).Ending);
    }

    [Fact]
    public async Task Wait_SinceAboveTheStoredVersion_AnswersFromTheDatabase() =>
        Assert.Equal((WaitEnding.Database, 3L), Told(await _room.WaitAsync(since: 99, WaitUntil.Change)));

    [Fact]
    public async Task Wait_SinceTheStoredVersion_WaitsForTheNext()
    {
        var wait = await _room.ParkAsync(since: 3, WaitUntil.Change);

        _room.Waiters.Deliver(_room.View(4, PaymentStatus.Processing));

        Assert.Equal((WaitEnding.Notified, 4L), Told(await wait));
    }

    [Fact]
    public async Task Wait_NoSuchOrder_IsUnknownAndLeavesNothingBehind()
    {
        var result = await _room.WaitAsync(Guid.NewGuid(), new WaitCondition(null, WaitUntil.Settled), CancellationToken.None).SoonAsync();

        Assert.Equal(WaitEnding.Unknown, result.Ending);
        Assert.Equal(0, _room.Waiters.Count);
        _room.Linger();
        Assert.Contains("unsubscribed", _room.Log);
    }

    public void Dispose() => _room.Dispose();

    private static (WaitEnding Ending, long? Version) Told(WaitResult result) => (result.Ending, result.Snapshot?.Version);
}
