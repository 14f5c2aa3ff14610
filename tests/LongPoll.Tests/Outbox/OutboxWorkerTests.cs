using LongPoll.Server.Outbox;
using LongPoll.Tests.Support;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LongPoll.Tests.Outbox;

/// <summary>When the worker works, how it puts off what fails, and what it gives up.</summary>
public sealed class OutboxWorkerTests
{
    private const int MostTries = 20;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Nudged_WorksAtOnce()
    {
        await using var room = await WorkerRoom.OpenAsync();
        await room.StartAsync(Done);
        var message = await room.PromiseAsync();
        await room.IdleAsync();
        Assert.Equal(0, room.Taken(message));

        room.Signal.Nudge();

        await DoneAsync(room, message);
        Assert.Equal(1, room.Taken(message));
    }

    [Fact]
    public async Task NotNudged_FindsThePromiseOfAnotherNodeWithinASecond()
    {
        await using var room = await WorkerRoom.OpenAsync();
        await room.StartAsync(Done);
        var message = await room.PromiseAsync();

        room.Clock.Advance(Second - TimeSpan.FromMilliseconds(1));
        await room.IdleAsync();
        Assert.Equal(0, room.Taken(message));
        room.Clock.Advance(TimeSpan.FromMilliseconds(1));

        await DoneAsync(room, message);
    }

    [Fact]
    public async Task Failing_IsPutOffTwiceAsLongEachTimeUpToTenMinutesAndBuriedAtTheTwentiethTry()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var message = await room.PromiseAsync();
        await room.StartAsync((_, _) => Task.FromResult(HandlingResult.TryLater("the printer is out of paper")));

        for (var tries = 1; tries < MostTries; tries++)
        {
            var row = await room.RowAsync(message);
            Assert.Equal((tries, "the printer is out of paper", false, false), (row.Tries, row.Reason, row.Done, row.Buried));
            var full = Math.Min(600, Math.Pow(2, tries));
            Assert.InRange(row.SecondsOff, full / 2, full);
            Assert.Empty(room.Alarms.Lines);

            await PassAsync(room, TimeSpan.FromSeconds(row.SecondsOff) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(tries, room.Taken(message));
            await PassAsync(room, Second);
        }

        var buried = await room.RowAsync(message);
        Assert.Equal((MostTries, "the printer is out of paper", false, true), (buried.Tries, buried.Reason, buried.Done, buried.Buried));
        var alarm = Assert.Single(room.Alarms.Lines);
        Assert.Equal((LogLevel.Error, 202), (alarm.Level, alarm.EventId));
        Assert.Contains("the printer is out of paper", alarm.Text, StringComparison.Ordinal);
        Assert.Equal(["outbox_buried"], room.Alarms.Counted);

        room.Clock.Jump(TimeSpan.FromDays(1));
        await PassAsync(room, Second);
        Assert.Equal(MostTries, room.Taken(message));
    }

    [Fact]
    public async Task Failing_ManyTogether_DoNotComeBackTogether()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var messages = new List<OutboxMessage>();
        for (var i = 0; i < 40; i++)
        {
            messages.Add(await room.PromiseAsync());
        }

        await room.StartAsync((_, _) => Task.FromResult(HandlingResult.TryLater("busy")));

        var pauses = await Task.WhenAll(messages.Select(async m => (await room.RowAsync(m)).SecondsOff));
        Assert.All(pauses, seconds => Assert.InRange(seconds, 1, 2));
        Assert.True(pauses.Distinct().Count() > 20, string.Join(' ', pauses));
    }

    [Fact]
    public async Task Throwing_IsPutOffWithTheKindOfErrorAndNotItsWords()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var message = await room.PromiseAsync();

        await room.StartAsync((_, _) => throw new InvalidOperationException("no mail to tom@example.com"));

        var row = await room.RowAsync(message);
        Assert.Equal((1, nameof(InvalidOperationException), false), (row.Tries, row.Reason, row.Done));
    }

    [Fact]
    public async Task UnknownKind_IsLeftToANodeThatKnowsIt()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var unknown = await room.PromiseAsync("of a later version");
        var known = await room.PromiseAsync();

        await room.StartAsync(Done);

        Assert.True((await room.RowAsync(known)).Done);
        var row = await room.RowAsync(unknown);
        Assert.Equal((0, null, false, false), (row.Tries, row.Reason, row.Done, row.Buried));
    }

    [Fact]
    public async Task NotNudged_FindsThePromisesOfEveryKind()
    {
        await using var room = await WorkerRoom.OpenAsync();
        await room.StartAsync(Done, kinds: [WorkerRoom.Kind, "second", "third"]);
        OutboxMessage[] messages = [await room.PromiseAsync("third"), await room.PromiseAsync(), await room.PromiseAsync("second")];

        room.Clock.Advance(Second);

        foreach (var message in messages)
        {
            await DoneAsync(room, message);
        }
    }

    [Fact]
    public async Task NudgedWhileAClaimIsOnItsWayBack_ClaimsAgain()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var promised = new TaskCompletionSource<OutboxMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        room.Store.Meanwhile = async () =>
        {
            var message = await room.PromiseAsync();
            room.Signal.Nudge();
            promised.SetResult(message);
        };

        await room.StartAsync(Done, idle: false);

        await DoneAsync(room, await promised.Task.SoonAsync());
    }

    [Fact]
    public async Task StoreIsAway_GoesOnWhenItIsBack()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var message = await room.PromiseAsync();
        room.Store.Away = true;
        await room.StartAsync(Done);
        room.Clock.Advance(3 * Second);
        await room.TimersAsync(1);
        Assert.NotEqual(0, room.Store.FailedLooks);
        Assert.Equal(0, room.Taken(message));

        room.Store.Away = false;
        room.Clock.Advance(Second);

        await DoneAsync(room, message);
    }

    [Theory]
    [InlineData(40, true)]
    [InlineData(2, false)]
    public async Task Rush_LetsPaymentsGoFirstUntilItHasPausedAndForTwoSecondsAtMost(int steps, bool goesOn)
    {
        await using var room = await WorkerRoom.OpenAsync();
        var step = TimeSpan.FromMilliseconds(50);
        var message = await room.PromiseAsync();
        room.Door.Rushed();
        await room.StartAsync(Done, idle: false, new OutboxLane(AtOnce: 16, MostTries, Gather: step, GivesWay: true));
        await room.TimersAsync(2);

        for (var n = 1; n < steps; n++)
        {
            Pass();
            await room.TimersAsync(2);
        }

        Assert.Equal(0, room.Taken(message));
        Pass();
        await DoneAsync(room, message);

        void Pass()
        {
            room.Clock.Advance(step);
            if (goesOn)
            {
                room.Door.Rushed();
            }
        }
    }

    [Fact]
    public async Task Rush_ThatOutlastsTheWay_FourClaimsFollowEachOther()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var step = TimeSpan.FromMilliseconds(50);
        var messages = new List<OutboxMessage>();
        for (var n = 0; n < 5; n++)
        {
            messages.Add(await room.PromiseAsync());
        }

        room.Door.Rushed();
        await room.StartAsync(Done, idle: false, new OutboxLane(AtOnce: 1, MostTries, Gather: step, GivesWay: true));
        for (var n = 1; n <= 40; n++)
        {
            await room.TimersAsync(2);
            Assert.Equal(0, messages.Sum(m => room.Taken(m)));
            room.Clock.Advance(step);
            room.Door.Rushed();
        }

        // The fifth has to give way again.
        await Eventually.IsAsync(() => messages.Sum(m => room.Taken(m)) == 4 && room.Store.InHand == 0);
        await room.TimersAsync(2);
        Assert.Equal(4, messages.Sum(m => room.Taken(m)));
        room.Clock.Advance(2 * step);
        await Eventually.IsAsync(() => messages.Sum(m => room.Taken(m)) == 5);
    }

    [Fact]
    public async Task Rush_WhatDoesNotGiveWay_IsDoneAtOnce()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var message = await room.PromiseAsync();
        room.Door.Rushed();

        await room.StartAsync(Done);

        await DoneAsync(room, message);
    }

    [Fact]
    public async Task LaneWithAPace_TakesUpTheNextWhenThePaceHasPassed_AndOneAfterAPauseSoon()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var (gather, moment) = (TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(1));
        var first = await room.PromiseAsync();
        await room.StartAsync(Done, lane: new OutboxLane(AtOnce: 16, MostTries, gather, Pace: 3 * Second));
        Assert.Equal(1, room.Taken(first));

        // Found by the look, and kept waiting by the pace.
        var next = await room.PromiseAsync();
        room.Clock.Advance(Second);
        await room.TimersAsync(2);
        room.Clock.Advance((2 * Second) - moment);
        await room.TimersAsync(2);
        Assert.Equal(0, room.Taken(next));
        await PassAsync(room, moment);
        Assert.Equal(1, room.Taken(next));

        await PassAsync(room, 3 * Second);
        var lone = await room.PromiseAsync();
        room.Clock.Advance(Second);
        await room.TimersAsync(2);
        room.Clock.Advance(gather - moment);
        await room.TimersAsync(2);
        Assert.Equal(0, room.Taken(lone));
        await PassAsync(room, moment);
        Assert.Equal(1, room.Taken(lone));
    }

    private static Task<HandlingResult> Done(OutboxMessage message, CancellationToken cancel) => Task.FromResult(HandlingResult.Completed);

    private static Task DoneAsync(WorkerRoom room, OutboxMessage message) =>
        Eventually.IsAsync(async () => (await room.RowAsync(message)).Done, "the promise is kept");

    private static async Task PassAsync(WorkerRoom room, TimeSpan time)
    {
        room.Clock.Advance(time);
        await room.IdleAsync();
    }
}
