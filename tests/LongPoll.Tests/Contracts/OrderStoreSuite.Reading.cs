using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

public abstract partial class OrderStoreSuite
{
    [Theory]
    [InlineData(30000, "KES")]
    [InlineData(1, "KES")]
    [InlineData(500, "UGX")]
    [InlineData(1234, "KWD")]
    [InlineData(9_007_199_254_740_993, "KES")]
    public async Task FindOrder_AfterOpening_GivesTheSameBytes(long minor, string currency)
    {
        var customer = new Customer(Guid.CreateVersion7(), "zoë+tag@exämple.com", "Zoë \"Z\" O'Neil 张", "", "KE", Drafts.Phone());
        var draft = await OpenAsync(Drafts.Order(total: new Money(minor, currency), customer: customer));

        Assert.Equal(Bytes(draft.Order), await ViewAsync(draft.Order.OrderId));
        Assert.Equal(draft.Order.Customer, (await Store.FindOrderAsync(draft.Order.OrderId, Cancel))!.Customer);
    }

    [Fact]
    public async Task FindOrder_AfterEachChange_GivesTheBytesThatWereDecided()
    {
        var draft = await OpenAsync();

        foreach (var report in new[] { Drafts.Accepted(draft.Attempt, "ref"), Drafts.Cancelled(draft.Attempt), Drafts.Paid(draft.Attempt, Drafts.Receipt()) })
        {
            var settlement = await SettleAsync(report);

            Assert.Equal(Bytes(settlement.After!), await ViewAsync(draft.Order.OrderId));
            Assert.Equal([settlement.Attempt!], await Store.FindAttemptsAsync(draft.Order.OrderId, Cancel));
            var both = Assert.IsType<OrderWithAttempts>(await Store.FindWithAttemptsAsync(draft.Order.OrderId, Cancel));
            Assert.Equal(Bytes(settlement.After!), Bytes(both.Order));
            Assert.Equal([settlement.Attempt!], both.Attempts);
        }
    }

    [Fact]
    public async Task FindOrder_Unknown_IsNull()
    {
        Assert.Null(await Store.FindOrderAsync(Guid.CreateVersion7(), Cancel));
        Assert.Empty(await Store.FindAttemptsAsync(Guid.CreateVersion7(), Cancel));
        Assert.Null(await Store.FindWithAttemptsAsync(Guid.CreateVersion7(), Cancel));
    }

    [Fact]
    public async Task FindNewer_OfManyOrders_GivesThoseThatMovedOn()
    {
        var moved = await OpenAsync();
        var still = await OpenAsync();
        var after = (await SettleAsync(Drafts.Accepted(moved.Attempt))).After!;

        var newer = await Store.FindNewerAsync(
            [new(moved.Order.OrderId, 1), new(still.Order.OrderId, 1), new(Guid.CreateVersion7(), 0)], Cancel);

        Assert.Equal(Bytes(after), Bytes(Assert.Single(newer)));
        Assert.Empty(await Store.FindNewerAsync([new(moved.Order.OrderId, 2)], Cancel));
        Assert.Empty(await Store.FindNewerAsync([], Cancel));
    }

    [Fact]
    public async Task FindNewer_OfFiveThousandOrders_IsOneRead()
    {
        var known = await OpenAsync();
        var seen = Enumerable.Range(0, 5000).Select(_ => new AnnouncedVersion(Guid.CreateVersion7(), 7)).Append(new(known.Order.OrderId, 0)).ToArray();

        Assert.Equal(known.Order.OrderId, Assert.Single(await Store.FindNewerAsync(seen, Cancel)).OrderId);
    }

    [Fact]
    public async Task Ping_StartedStore_Answers() => await Store.PingAsync(Cancel);
}
