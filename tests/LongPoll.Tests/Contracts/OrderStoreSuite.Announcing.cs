using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

public abstract partial class OrderStoreSuite
{
    private static readonly DateTime MuchLater = Drafts.Noon.AddYears(1);

    [Fact]
    public async Task NoteAnnounced_NewOrder_IsOwedOnceItIsOldEnough()
    {
        var draft = await OpenAsync();

        Assert.Null(await FindOwedAsync(draft, changedBefore: Drafts.Noon));
        Assert.Equal(Bytes(draft.Order), Bytes((await FindOwedAsync(draft, changedBefore: Drafts.Noon.AddMilliseconds(1)))!));
    }

    [Fact]
    public async Task NoteAnnounced_CurrentVersion_IsOwedNoMore()
    {
        var draft = await OpenAsync();

        await NoteAsync([new(draft.Order.OrderId, 1)]);

        Assert.Null(await FindOwedAsync(draft));
    }

    [Fact]
    public async Task NoteAnnounced_OlderVersionAfterwards_NeverGoesBack()
    {
        var draft = await OpenAsync();
        await SettleAsync(Drafts.Accepted(draft.Attempt));

        await NoteAsync([new(draft.Order.OrderId, 2)]);
        await NoteAsync([new(draft.Order.OrderId, 1)]);

        Assert.Null(await FindOwedAsync(draft));
    }

    [Fact]
    public async Task NoteAnnounced_VersionAnnouncedLate_LeavesTheNewerOneOwed()
    {
        var draft = await OpenAsync();
        var after = (await SettleAsync(Drafts.Accepted(draft.Attempt))).After!;

        await NoteAsync([new(draft.Order.OrderId, 1)]);

        Assert.Equal(Bytes(after), Bytes((await FindOwedAsync(draft))!));
    }

    [Fact]
    public async Task NoteAnnounced_ManyAndUnknownOnes_MarksThoseThatAre()
    {
        var (one, other) = (await OpenAsync(), await OpenAsync());

        await NoteAsync([new(one.Order.OrderId, 1), new(Guid.CreateVersion7(), 1)]);
        await NoteAsync([]);

        Assert.Null(await FindOwedAsync(one));
        Assert.NotNull(await FindOwedAsync(other));
    }

    [Fact]
    public async Task NoteAnnounced_MoreThanTheLimit_GivesTheOldest()
    {
        var owed = await Store.NoteAnnouncedAsync([], MuchLater, 10_000, Cancel);
        await NoteAsync([.. owed.Select(o => new AnnouncedVersion(o.OrderId, o.Version))]);
        var second = await OpenAsync(Drafts.Order(at: Drafts.Noon.AddMinutes(2)));
        var first = await OpenAsync(Drafts.Order(at: Drafts.Noon.AddMinutes(1)));
        await OpenAsync(Drafts.Order(at: Drafts.Noon.AddMinutes(3)));

        var found = await Store.NoteAnnouncedAsync([], MuchLater, 2, Cancel);

        Assert.Equal([first.Order.OrderId, second.Order.OrderId], found.Select(o => o.OrderId));
    }

    [Fact]
    public async Task NoteAnnounced_ManyAtOnceInAnyOrder_BlocksNobody()
    {
        var orders = new List<AnnouncedVersion>();
        for (var n = 0; n < 40; n++)
        {
            orders.Add(new((await OpenAsync()).Order.OrderId, 1));
        }

        await AtOnceAsync(20, async n =>
        {
            await NoteAsync(n % 2 == 0 ? orders : [.. Enumerable.Reverse(orders)]);
            return true;
        });

        Assert.DoesNotContain(await Store.NoteAnnouncedAsync([], MuchLater, 10_000, Cancel), o => orders.Exists(a => a.OrderId == o.OrderId));
    }

    /// <summary>What is noted must not come back as owed from the same call.</summary>
    private async Task NoteAsync(IReadOnlyCollection<AnnouncedVersion> announced)
    {
        var owed = await Store.NoteAnnouncedAsync(announced, MuchLater, 10_000, Cancel);
        Assert.DoesNotContain(owed, o => announced.Any(a => a.OrderId == o.OrderId && a.Version >= o.Version));
    }

    private async Task<Order?> FindOwedAsync(NewOrder draft, DateTime? changedBefore = null) =>
        (await Store.NoteAnnouncedAsync([], changedBefore ?? MuchLater, 10_000, Cancel)).SingleOrDefault(o => o.OrderId == draft.Order.OrderId);
}
