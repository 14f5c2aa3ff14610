using LongPoll.Server.Orders;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Orders;

public sealed class SingleFlightTests
{
    private readonly SingleFlight<int, int> _flights = new();
    private int _runs;

    [Fact]
    public async Task RunAsync_SameKeyAtTheSameTime_IsOneRun()
    {
        var landed = new TaskCompletionSource<int>();
        Task<int> Fly()
        {
            _runs++;
            return landed.Task;
        }

        var both = new[] { _flights.RunAsync(1, Fly), _flights.RunAsync(1, Fly) };
        var other = _flights.RunAsync(2, Fly);
        landed.SetResult(7);

        var answers = await Task.WhenAll(both).SoonAsync();
        Assert.Equal([7, 7], answers);
        await other;
        Assert.Equal(2, _runs);
    }

    [Fact]
    public async Task RunAsync_AfterAnEnd_RunsAgain_WhetherItFailedOrNot()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => _flights.RunAsync(1, () => throw new TimeoutException()));
        await Assert.ThrowsAsync<TimeoutException>(() => _flights.RunAsync(1, () => Task.FromException<int>(new TimeoutException())));

        Assert.Equal(1, await _flights.RunAsync(1, () => Task.FromResult(1)));
        Assert.Equal(2, await _flights.RunAsync(1, () => Task.FromResult(2)));
    }
}
