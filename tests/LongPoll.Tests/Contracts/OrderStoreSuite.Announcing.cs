using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

public abstract partial class OrderStoreSuite
{
    private static readonly DateTime MuchLater = Drafts.Noon.AddYears(1);

    [Fact]
    public async Task FindOwed_NewOrder_IsOwedOnceItIsOldEnough()
    {
        var draft = await OpenAsync();

        Assert.Null(await FindOwedAsync(draft, changedBefore: Drafts.Noon));
        Assert.Equal(Bytes(draft.Order), Bytes((await FindOwedAsync(draft, changedBefore: Drafts.Noon.AddMilliseconds(1)))!));
    }

    [Fact]
    public async Task MarkAnnounced_CurrentVersion_IsOwedNoMore()
    {
        var draft = await OpenAsync();

        await Store.MarkAnnouncedAsync([new(draft.Order.OrderId, 1)], Cancel);

        Assert.Null(await FindOwedAsync(draft));
    }

    [Fact]
    public async Task MarkAnnounced_OlderVersionAfterwards_NeverGoesBack()
    {
        var draft = await OpenAsync();
        await SettleAsync(Drafts.Accepted(draft.Attempt));

        await Store.MarkAnnouncedAsync([new(draft.Order.OrderId, 2)], Cancel);
        await Store.MarkAnnouncedAsync([new(draft.Order.OrderId, 1)], Cancel);

        Assert.Null(await FindOwedAsync(draft));
    }

    [Fact]
    public async Task MarkAnnounced_VersionAnnouncedLate_LeavesTheNewerOneOwed()
    {
        var draft = await OpenAsync();
        var after = (await SettleAsync(Drafts.Accepted(draft.Attempt))).After!;

        await Store.MarkAnnouncedAsync([new(draft.Order.OrderId, 1)], Cancel);

        Assert.Equal(Bytes(after), Bytes((await FindOwedAsync(draft))!));
    }

    [Fact]
    public async Task MarkAnnounced_ManyAndUnknownOnes_MarksThoseThatAre()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());

        await Store.MarkAnnouncedAsync([new(one.Order.OrderId, 1), new(Guid.CreateVersion7(), 1)], Cancel);
        await Store.MarkAnnouncedAsync([], Cancel);

        Assert.Null(await FindOwedAsync(one));
        Assert.NotNull(await FindOwedAsync(other));
    }

    [Fact]
    public async Task FindOwed_MoreThanTheLimit_GivesTheOldest()
    {
        var owed = await Store.FindOwedAnnouncementsAsync(MuchLater, 10_000, Cancel);
        await Store.MarkAnnouncedAsync([.. owed.Select(o => new AnnouncedVersion(o.OrderId, o.Version))], Cancel);
        var second = await OpenAsync(Drafts.Order(at: Drafts.Noon.AddMinutes(2)));
        var first = await OpenAsync(Drafts.Order(at: Drafts.Noon.AddMinutes(1)));
        await OpenAsync(Drafts.Order(at: Drafts.Noon.AddMinutes(3)));

        var found = await Store.FindOwedAnnouncementsAsync(MuchLater, 2, Cancel);

        Assert.Equal([first.Order.OrderId, second.Order.OrderId], found.Select(o => o.OrderId));
    }

    [Fact]
    public async Task MarkAnnounced_ManyAtOnceInAnyOrder_BlocksNobody()
    {
        var orders = new List<AnnouncedVersion>();
        for (var n = 0; n < 40; n++)
        {
            orders.Add(new((await OpenAsync()).Order.OrderId, 1));
        }

        await AtOnceAsync(20, async n =>
        {
            await Store.MarkAnnouncedAsync(n % 2 == 0 ? orders : [.. Enumerable.Reverse(orders)], Cancel);
            return true;
        });

        Assert.DoesNotContain(await Store.FindOwedAnnouncementsAsync(MuchLater, 10_000, Cancel), o => orders.Exists(a => a.OrderId == o.OrderId));
    }

    private async Task<Order?> FindOwedAsync(NewOrder draft, DateTime? changedBefore = null) =>
        (await Store.FindOwedAnnouncementsAsync(changedBefore ?? MuchLater, 10_000, Cancel)).SingleOrDefault(o => o.OrderId == draft.Order.OrderId);
}
