using LongPoll.Server.Bus;
using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>What every status bus owes to one node.</summary>
public abstract class StatusBusSuite
{
    internal HeardMessages Heard { get; } = new();

    /// <summary>A started bus that <see cref="Heard"/> listens to.</summary>
    internal abstract IStatusBus Bus { get; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Announce_Subscribed_IsDeliveredWithTheSameBytes()
    {
        var view = View();
        await Bus.SubscribeAsync(view.OrderId, Cancel);

        await Bus.AnnounceAsync(view, Cancel);

        await HeardAsync(view.OrderId, 1);
        var heard = Assert.Single(Heard.Views);
        Assert.Equal(view.Json.ToArray(), heard.Json.ToArray());
        Assert.Equal(view with { Json = default }, heard with { Json = default });
    }

    [Fact]
    public async Task Announce_OtherOrder_IsNotDelivered()
    {
        var (mine, other) = (View(), View());
        await Bus.SubscribeAsync(mine.OrderId, Cancel);

        await Bus.AnnounceAsync(other, Cancel);
        await Bus.AnnounceAsync(mine, Cancel);

        // Messages come in order: with the later one here, the earlier one is not coming any more.
        await HeardAsync(mine.OrderId, 1);
        Assert.Empty(Heard.VersionsOf(other.OrderId));
    }

    [Fact]
    public async Task Announce_Unsubscribed_IsNotDelivered()
    {
        var (gone, marker) = (View(), View());
        await Bus.SubscribeAsync(gone.OrderId, Cancel);
        await Bus.SubscribeAsync(marker.OrderId, Cancel);
        await Bus.UnsubscribeAsync(gone.OrderId, Cancel);

        await Bus.AnnounceAsync(gone, Cancel);
        await Bus.AnnounceAsync(marker, Cancel);

        await HeardAsync(marker.OrderId, 1);
        Assert.Empty(Heard.VersionsOf(gone.OrderId));
    }

    [Fact]
    public async Task Subscribe_AfterUnsubscribe_IsDeliveredOnceAgain()
    {
        var view = View();
        for (var n = 0; n < 20; n++)
        {
            await Bus.SubscribeAsync(view.OrderId, Cancel);
            await Bus.UnsubscribeAsync(view.OrderId, Cancel);
        }

        await Bus.SubscribeAsync(view.OrderId, Cancel);
        await Bus.AnnounceAsync(view, Cancel);
        await Bus.AnnounceAsync(view with { Version = 2, Json = Json(view.OrderId, 2) }, Cancel);

        await HeardAsync(view.OrderId, 2);
        Assert.Equal([1, 2], Heard.VersionsOf(view.OrderId));
    }

    [Fact]
    public async Task FindLatest_Announced_GivesTheSameBytes()
    {
        var view = View(version: 3);

        await Bus.AnnounceAsync(view, Cancel);

        var kept = await LatestAsync(view.OrderId);
        Assert.Equal(view.Json.ToArray(), kept.Json.ToArray());
        Assert.Equal(3, kept.Version);
    }

    [Fact]
    public async Task FindLatest_NeverAnnounced_IsNull() => Assert.Null(await Bus.FindLatestAsync(Guid.CreateVersion7(), Cancel));

    [Fact]
    public async Task Announce_OlderVersion_NeitherReplacesNorIsDelivered()
    {
        var orderId = Guid.CreateVersion7();
        await Bus.SubscribeAsync(orderId, Cancel);

        foreach (var version in new long[] { 9, 8, 10, 9 })
        {
            await Bus.AnnounceAsync(View(orderId, version), Cancel);
        }

        await Bus.AnnounceAsync(View(orderId, 11), Cancel);
        await HeardAsync(orderId, 3);
        Assert.Equal([9, 10, 11], Heard.VersionsOf(orderId));
        await Bus.AnnounceAsync(View(orderId, 10), Cancel);
        Assert.Equal(11, (await LatestAsync(orderId)).Version);
    }

    [Fact]
    public async Task Announce_SameVersionAgain_IsRepeated()
    {
        var view = View(version: 4);
        await Bus.SubscribeAsync(view.OrderId, Cancel);

        await Bus.AnnounceAsync(view, Cancel);
        await Bus.AnnounceAsync(View(view.OrderId, 4), Cancel);

        await HeardAsync(view.OrderId, 2);
        Assert.Equal([4, 4], Heard.VersionsOf(view.OrderId));
    }

    [Fact]
    public async Task Announce_ManyOrdersAtOnce_AllAreDelivered()
    {
        var orders = Enumerable.Range(0, 500).Select(_ => Guid.CreateVersion7()).ToArray();
        await Task.WhenAll(orders.Select(o => Bus.SubscribeAsync(o, Cancel)));

        await Task.WhenAll(orders.Select(o => Bus.AnnounceAsync(View(o), Cancel)));

        await Eventually.IsAsync(() => Heard.Views.Count >= orders.Length, "500 views");
        Assert.Equal(orders.Order(), Heard.Views.Select(v => v.OrderId).Order());
    }

    [Fact]
    public async Task Ping_StartedBus_AnswersAndIsReliable()
    {
        await Eventually.IsAsync(() => Bus.Reliable, "reliable");

        await Bus.PingAsync(Cancel);
    }

    internal static OrderSnapshot View(Guid? orderId = null, long version = 1)
    {
        var order = Drafts.Order().Order with { Version = version };
        return OrderSnapshot.Of(orderId is { } id ? order with { OrderId = id } : order);
    }

    internal Task HeardAsync(Guid orderId, int count) =>
        Eventually.IsAsync(() => Heard.VersionsOf(orderId).Count() >= count, $"{count} views of the order");

    /// <summary>The kept view. A cache may also not answer, on a busy machine, and then says that it has none.</summary>
    internal async Task<OrderSnapshot> LatestAsync(Guid orderId, IStatusBus? bus = null)
    {
        OrderSnapshot? kept = null;
        await Eventually.IsAsync(async () => (kept = await (bus ?? Bus).FindLatestAsync(orderId, Cancel)) is not null, "the cache answers");
        return kept!;
    }

    private static ReadOnlyMemory<byte> Json(Guid orderId, long version) => View(orderId, version).Json;
}
