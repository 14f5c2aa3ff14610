using LongPoll.Server.Bus;
using LongPoll.Tests.Contracts;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Bus;

public sealed class InProcessStatusBusTests : StatusBusSuite
{
    private readonly TestTimeProvider _clock = new();

    public InProcessStatusBusTests()
    {
        Bus = new InProcessStatusBus(reliable: true, TimeSpan.FromSeconds(60), _clock);
        Bus.Listen(Heard);
    }

    internal override IStatusBus Bus { get; }

    [Fact]
    public async Task FindLatest_AfterTheTime_HasForgotten()
    {
        var view = View();
        await Bus.AnnounceAsync(view, Cancel);

        _clock.Advance(TimeSpan.FromSeconds(59.9));
        Assert.NotNull(await Bus.FindLatestAsync(view.OrderId, Cancel));

        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Null(await Bus.FindLatestAsync(view.OrderId, Cancel));
    }

    [Fact]
    public async Task FindLatest_AnnouncedAgainMeanwhile_IsKeptFromThenOn()
    {
        var view = View();
        await Bus.AnnounceAsync(view, Cancel);
        _clock.Advance(TimeSpan.FromSeconds(40));
        await Bus.AnnounceAsync(View(view.OrderId, 2), Cancel);

        // The first entry runs out, and another order's announcement sweeps it: the second one must stand.
        _clock.Advance(TimeSpan.FromSeconds(40));
        await Bus.AnnounceAsync(View(), Cancel);

        Assert.Equal(2, (await Bus.FindLatestAsync(view.OrderId, Cancel))!.Version);
    }

    [Fact]
    public async Task Announce_OlderVersionAfterTheTime_IsDelivered()
    {
        var view = View(version: 5);
        await Bus.SubscribeAsync(view.OrderId, Cancel);
        await Bus.AnnounceAsync(view, Cancel);
        _clock.Advance(TimeSpan.FromSeconds(60));

        await Bus.AnnounceAsync(View(view.OrderId, 4), Cancel);

        Assert.Equal([5, 4], Heard.VersionsOf(view.OrderId));
    }
}
