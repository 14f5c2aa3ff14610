using LongPoll.Server.Payments;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Waiting;

/// <summary>How a wait ends that no message ends: time is up, the database is away, the client leaves.</summary>
public sealed class WaitForOrderEndingTests : IDisposable
{
    private readonly WaitingRoom _room = new();

    [Fact]
    public async Task Timeout_ReadsOnceMoreAndAnswersThat()
    {
        var wait = await _room.ParkAsync();
        _room.Store.Order = _room.Store.Order! with { Version = 8 };

        _room.Clock.Advance(WaitingRoom.Minute);

        Assert.Equal((WaitEnding.Timeout, 8L), Told(await wait));
        Assert.Equal(2, _room.Log.Count(l => l == "read"));
    }

    [Fact]
    public async Task Timeout_NotAMomentBefore()
    {
        var wait = await _room.ParkAsync();

        _room.Clock.Advance(WaitingRoom.Minute - TimeSpan.FromMilliseconds(1));
        Assert.Equal(1, _room.Log.Count(l => l == "read"));

        _room.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await wait;
    }

    [Fact]
    public async Task Timeout_TheDatabaseIsAway_AnswersTheLastViewSeen()
    {
        var wait = await _room.ParkAsync();
        var seen = _room.View(5, PaymentStatus.Processing);
        _room.Waiters.Deliver(seen);
        _room.Store.OnRead = () => throw new TimeoutException();

        _room.Clock.Advance(WaitingRoom.Minute);

        var result = await wait;
        Assert.Equal((WaitEnding.Timeout, 5L), Told(result));
        Assert.Equal(seen.Json.ToArray(), result.Snapshot!.Json.ToArray());
    }

    [Fact]
    public async Task Timeout_NothingWasEverSeen_IsUnavailable()
    {
        _room.Store.OnRead = () => throw new TimeoutException();
        var wait = await _room.ParkAsync();

        _room.Clock.Advance(WaitingRoom.Minute);

        Assert.Equal((WaitEnding.Unavailable, null), Told(await wait));
    }

    [Fact]
    public async Task Wait_TheDatabaseIsAway_AMessageAnswersAllTheSame()
    {
        _room.Store.OnRead = () => throw new TimeoutException();
        var wait = await _room.ParkAsync();

        _room.Waiters.Deliver(_room.View(4));

        Assert.Equal((WaitEnding.Notified, 4L), Told(await wait));
    }

    [Fact]
    public async Task ClientLeaves_FreesThePlaceAndUnsubscribes()
    {
        using var client = new CancellationTokenSource();
        var wait = await _room.ParkAsync(client: client);
        Assert.Equal(1, _room.Waiters.Count);

        await client.CancelAsync();

        Assert.Equal(WaitEnding.ClientLeft, (await wait).Ending);
        Assert.Equal(0, _room.Waiters.Count);
        _room.Linger();
        await Eventually.IsAsync(() => _room.Log.Contains("unsubscribed"));
    }

    [Fact]
    public async Task ClientLeaves_OthersOfTheOrderStaySubscribed()
    {
        using var client = new CancellationTokenSource();
        var leaving = await _room.ParkAsync(client: client);
        var staying = await _room.ParkAsync();

        await client.CancelAsync();
        await leaving;
        _room.Linger();

        Assert.DoesNotContain("unsubscribe", _room.Log);
        Assert.Equal(1, _room.Log.Count(l => l == "subscribe"));
        _room.Waiters.Deliver(_room.View(4));
        Assert.Equal(WaitEnding.Notified, (await staying).Ending);
    }

    public void Dispose() => _room.Dispose();

    private static (WaitEnding Ending, long? Version) Told(WaitResult result) => (result.Ending, result.Snapshot?.Version);
}
