using LongPoll.Server.Outbox;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Outbox;

/// <summary>Handlers that do not come to an end, and workers that die with a message in hand.</summary>
public sealed class OutboxLeaseTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HandlerLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task HandlerThatHangs_IsEndedAtItsLimitAndPutOff()
    {
        await using var room = await WorkerRoom.OpenAsync();
        await room.StartAsync((_, cancel) => Hang(cancel));
        var message = await room.PromiseAsync();
        room.Signal.Nudge();
        await room.TimersAsync(2);

        room.Clock.Advance(HandlerLimit - Second);
        await room.TimersAsync(2);
        Assert.Equal((1, 1), (room.Taken(message), room.Store.InHand));
        room.Clock.Advance(Second);
        await room.IdleAsync();

        var row = await room.RowAsync(message);
        Assert.Equal((1, nameof(TaskCanceledException), false), (row.Tries, row.Reason, row.Done));
        Assert.InRange(row.SecondsOff, 1, 2);
    }

    [Fact]
    public async Task HandlersThatHang_KeepTheirOwnSlotsAndNobodyElses()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var hanging = new HashSet<Guid>();
        for (var i = 0; i < 15; i++)
        {
            hanging.Add((await room.PromiseAsync()).MessageId);
        }

        await room.StartAsync((message, cancel) => hanging.Contains(message.MessageId) ? Hang(cancel) : Task.FromResult(HandlingResult.Completed), idle: false);
        await room.TimersAsync(hanging.Count + 1);

        for (var i = 0; i < 5; i++)
        {
            var message = await room.PromiseAsync();
            room.Signal.Nudge();
            await Eventually.IsAsync(async () => (await room.RowAsync(message)).Done, "the sixteenth slot is free");
        }
    }

    [Fact]
    public async Task HandlerThatHearsNoEnd_LosesItsMessageWhenTheLeaseIsOver_AndItsLateFailureChangesNothing()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var late = new TaskCompletionSource<HandlingResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        await room.StartAsync(Handle);
        var message = await room.PromiseAsync();
        room.Signal.Nudge();
        await Eventually.IsAsync(() => room.Taken(message) == 1);
        await room.StartAsync(Handle, idle: false);
        await room.TimersAsync(3);
        try
        {
            room.Clock.Advance(Lease - TimeSpan.FromMilliseconds(1));
            await room.TimersAsync(2);
            Assert.Equal(1, room.Taken(message) + room.Taken(message, worker: 1));
            room.Clock.Advance(Second + TimeSpan.FromMilliseconds(1));
            await Eventually.IsAsync(async () => (await room.RowAsync(message)).Done, "somebody else did it");
        }
        finally
        {
            late.SetResult(HandlingResult.TryLater("too late"));
        }

        await room.IdleAsync();
        var row = await room.RowAsync(message);
        Assert.Equal((2, true, null, false), (row.Tries, row.Done, row.Reason, row.Buried));

        // Whoever takes it up first is never heard of again in time; whoever comes next, in either worker, does it.
        Task<HandlingResult> Handle(OutboxMessage taken, CancellationToken cancel) => taken.Tries == 1 ? late.Task : Task.FromResult(HandlingResult.Completed);
    }

    [Fact]
    public async Task WorkerStopsWithAMessageInHand_AnotherTakesItWhenTheLeaseIsOver()
    {
        await using var room = await WorkerRoom.OpenAsync();
        var first = await room.StartAsync((_, cancel) => Hang(cancel));
        var message = await room.PromiseAsync();
        room.Signal.Nudge();
        await Eventually.IsAsync(() => room.Taken(message, worker: 0) == 1);

        await first.StopAsync(CancellationToken.None).SoonAsync();
        var left = await room.RowAsync(message);
        Assert.Equal((1, null, false, false), (left.Tries, left.Reason, left.Done, left.Buried));
        await room.StartAsync((_, _) => Task.FromResult(HandlingResult.Completed), idle: false);
        Assert.Equal(0, room.Taken(message, worker: 1));

        await room.TimersAsync(1);
        room.Clock.Advance(Lease + Second);
        await Eventually.IsAsync(async () => (await room.RowAsync(message)).Done, "the other worker did it");
        Assert.Equal(2, (await room.RowAsync(message)).Tries);
    }

    private static async Task<HandlingResult> Hang(CancellationToken cancel)
    {
        var forever = new TaskCompletionSource<HandlingResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        return await forever.Task.WaitAsync(cancel);
    }
}
