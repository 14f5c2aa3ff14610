using LongPoll.Server.Payments;
using LongPoll.Server.Waiting;
using Xunit;

namespace LongPoll.Tests.Waiting;

/// <summary>A node begins to stop while a wait is on its way to its place: it is let go with the current view like everybody else.</summary>
public sealed class DrainRaceTests : IDisposable
{
    private readonly WaitingRoom _room = new();

    [Fact]
    public async Task DrainBeginsBeforeTheRead_TheWaitEndsWithTheCurrentView()
    {
        _room.Bus.OnSubscribe = _ => DrainAsync();

        var result = await _room.WaitAsync();

        Assert.Equal((WaitEnding.Draining, 3L), (result.Ending, result.Snapshot?.Version));
        Assert.Equal(0, _room.Waiters.Count);
    }

    [Fact]
    public async Task DrainBeginsWithinTheRead_TheWaitEndsWithTheCurrentView()
    {
        _room.Store.OnRead = DrainAsync;

        var result = await _room.WaitAsync();

        Assert.Equal((WaitEnding.Draining, 3L), (result.Ending, result.Snapshot?.Version));
    }

    [Fact]
    public async Task DrainIsOverBeforeTheSubscriptionIsConfirmed_TheWaitDoesNotStay()
    {
        var confirm = new TaskCompletionSource();
        _room.Bus.OnSubscribe = _ => confirm.Task;
        var wait = _room.WaitAsync();
        await DrainAsync();
        confirm.SetResult();

        Assert.Equal(WaitEnding.Draining, (await wait).Ending);
        Assert.Equal(WaitEnding.NodeFull, (await _room.WaitAsync()).Ending);
    }

    [Fact]
    public async Task DrainBeginsBeforeTheRead_AMessageThatCameFirstIsTheView()
    {
        _room.Bus.OnSubscribe = async _ =>
        {
            _room.Waiters.Deliver(_room.View(7, PaymentStatus.Processing));
            await DrainAsync();
        };

        var result = await _room.WaitAsync();

        Assert.Equal((WaitEnding.Draining, 7L), (result.Ending, result.Snapshot?.Version));
    }

    [Fact]
    public async Task DrainBeginsBeforeTheRead_TheDatabaseIsOut_NothingIsKnown()
    {
        _room.Bus.OnSubscribe = _ => DrainAsync();
        _room.Store.OnRead = () => throw new TimeoutException();

        Assert.Equal(WaitEnding.Unavailable, (await _room.WaitAsync()).Ending);
    }

    [Fact]
    public async Task DrainBeginsBeforeTheRead_NoSuchOrder_IsStillUnknown()
    {
        _room.Bus.OnSubscribe = _ => DrainAsync();

        var result = await _room.WaitAsync(Guid.CreateVersion7(), new WaitCondition(null, WaitUntil.Settled), CancellationToken.None);

        Assert.Equal(WaitEnding.Unknown, result.Ending);
    }

    [Fact]
    public async Task DrainAmongManyWhoJoin_EachIsRefusedOrLetGo()
    {
        // Who passes the gate in the very moment in which it closes may come to a place that the drain has looked at already.
        for (var round = 0; round < 1500; round++)
        {
            using var room = new WaitingRoom();
            using var together = new Barrier(3);
            var joining = Enumerable.Range(0, 2).Select(_ => Task.Run(async () =>
            {
                var waiter = new Waiter(Guid.CreateVersion7(), new WaitCondition(null, WaitUntil.Settled));
                together.SignalAndWait(TestContext.Current.CancellationToken);
                return (Refused: await room.Waiters.JoinAsync(waiter), Waiter: waiter);
            })).ToArray();
            together.SignalAndWait(TestContext.Current.CancellationToken);
            await room.Waiters.DrainAsync(TimeSpan.Zero, CancellationToken.None);

            foreach (var (refused, waiter) in await Task.WhenAll(joining))
            {
                Assert.True(refused == WaitEnding.NodeFull || waiter.Over, $"round {round}: joined, and nobody lets it go");
            }
        }
    }

    public void Dispose() => _room.Dispose();

    private Task DrainAsync() => _room.Waiters.DrainAsync(TimeSpan.Zero, CancellationToken.None);
}
