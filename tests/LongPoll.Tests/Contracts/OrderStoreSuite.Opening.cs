using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

public abstract partial class OrderStoreSuite
{
    [Fact]
    public async Task OpenOrder_New_WritesEverythingTogether()
    {
        var draft = await OpenAsync(Drafts.Order(key: Drafts.Key()));

        Assert.Equal("orders=1 payment_attempts=1 order_events=1 idempotency_keys=1", await stores.CountAsync(draft.Order.OrderId));
        Assert.Equal(1, await stores.CountAsync("select count(*) from customers where phone = @Phone", new { draft.Order.Customer.Phone }));
    }

    [Fact]
    public async Task OpenOrder_NumberTaken_ClashesAndWritesNothing()
    {
        var first = await OpenAsync();
        var before = await stores.DumpAsync();
        var key = Drafts.Key();

        var (outcome, order) = await Store.OpenOrderAsync(Drafts.Order(number: first.Order.OrderNumber, key: key), Drafts.Limit, Cancel);

        Assert.Equal((OpenOutcome.Clash, null), (outcome, order));
        Assert.Equal(before, await stores.DumpAsync());
        await OpenAsync(Drafts.Order(key: key));
    }

    [Fact]
    public async Task OpenOrder_SamePersonTwice_KeepsOneCustomer()
    {
        var first = await OpenAsync();
        var again = await OpenAsync(Drafts.Order(customer: first.Order.Customer with { CustomerId = Guid.CreateVersion7() }));
        await OpenAsync(Drafts.Order(customer: first.Order.Customer with { CustomerId = Guid.CreateVersion7(), FirstName = "Other" }));

        Assert.Equal(2, await stores.CountAsync("select count(*) from customers where phone = @Phone", new { first.Order.Customer.Phone }));
        Assert.Equal(Bytes(again.Order), await ViewAsync(again.Order.OrderId));
    }

    [Fact]
    public async Task OpenOrder_SameKeyAndBody_GivesTheFirstOrderAgain()
    {
        var first = await OpenAsync(Drafts.Order(key: Drafts.Key()));
        var before = await stores.DumpAsync();

        var (outcome, order) = await Store.OpenOrderAsync(
            Drafts.Order(first.Order.Customer.Phone, key: first.IdempotencyKey), Drafts.Limit, Cancel);

        Assert.Equal(OpenOutcome.Replayed, outcome);
        Assert.Equal(Bytes(first.Order), Bytes(order!));
        Assert.Equal(before, await stores.DumpAsync());
    }

    [Fact]
    public async Task OpenOrder_SameKeyOtherBody_IsRefused()
    {
        var first = await OpenAsync(Drafts.Order(key: Drafts.Key()));
        var before = await stores.DumpAsync();

        var (outcome, order) = await Store.OpenOrderAsync(
            Drafts.Order(key: Drafts.Key(first.IdempotencyKey!.Key, "another body")), Drafts.Limit, Cancel);

        Assert.Equal((OpenOutcome.KeyReused, null), (outcome, order));
        Assert.Equal(before, await stores.DumpAsync());
    }

    [Fact]
    public async Task OpenOrder_KeyAfterADay_IsNewAgain()
    {
        var first = await OpenAsync(Drafts.Order(key: Drafts.Key()));
        var justBefore = Drafts.Order(at: Drafts.Noon.AddHours(24).AddMilliseconds(-1), key: first.IdempotencyKey);
        var dayLater = Drafts.Order(at: Drafts.Noon.AddHours(24), key: first.IdempotencyKey);
        var afterThat = Drafts.Order(at: Drafts.Noon.AddHours(47), key: first.IdempotencyKey);

        Assert.Equal(OpenOutcome.Replayed, (await Store.OpenOrderAsync(justBefore, Drafts.Limit, Cancel)).Outcome);
        Assert.Equal(OpenOutcome.Opened, (await Store.OpenOrderAsync(dayLater, Drafts.Limit, Cancel)).Outcome);
        var (outcome, order) = await Store.OpenOrderAsync(afterThat, Drafts.Limit, Cancel);

        Assert.Equal((OpenOutcome.Replayed, dayLater.Order.OrderId), (outcome, order!.OrderId));
    }

    [Fact]
    public async Task OpenOrder_SixthPromptInTenMinutes_IsRefused()
    {
        var phone = Drafts.Phone();
        for (var minute = 0; minute < 5; minute++)
        {
            await OpenAsync(Drafts.Order(phone, Drafts.Noon.AddMinutes(minute)));
        }

        var before = await stores.DumpAsync();
        var sixth = await Store.OpenOrderAsync(Drafts.Order(phone, Drafts.Noon.AddMinutes(10).AddMilliseconds(-1)), Drafts.Limit, Cancel);

        Assert.Equal((OpenOutcome.TooManyPrompts, null), sixth);
        Assert.Equal(before, await stores.DumpAsync());
        await OpenAsync(Drafts.Order(phone, Drafts.Noon.AddMinutes(10)));
        await OpenAsync(Drafts.Order(at: Drafts.Noon.AddMinutes(5)));
    }

    [Fact]
    public async Task OpenOrder_ReplayOfAPhoneAtItsLimit_StillAnswers()
    {
        var phone = Drafts.Phone();
        var first = await OpenAsync(Drafts.Order(phone, key: Drafts.Key()));
        for (var n = 0; n < 4; n++)
        {
            await OpenAsync(Drafts.Order(phone));
        }

        Assert.Equal(OpenOutcome.Replayed, (await Store.OpenOrderAsync(Drafts.Order(phone, key: first.IdempotencyKey), Drafts.Limit, Cancel)).Outcome);
    }

    [Fact]
    public async Task OpenOrder_TwentyAtOnceForOnePhone_OpensExactlyFive()
    {
        var phone = Drafts.Phone();

        var results = await AtOnceAsync(20, _ => Store.OpenOrderAsync(Drafts.Order(phone), Drafts.Limit, Cancel));

        Assert.Equal(5, results.Count(r => r.Outcome == OpenOutcome.Opened));
        Assert.Equal(15, results.Count(r => r.Outcome == OpenOutcome.TooManyPrompts));
    }

    [Fact]
    public async Task OpenOrder_TwentyAtOnceWithOneKey_OpensOneOrder()
    {
        var (phone, key) = (Drafts.Phone(), Drafts.Key());

        var results = await AtOnceAsync(20, _ => Store.OpenOrderAsync(Drafts.Order(phone, key: key), Drafts.Limit, Cancel));

        Assert.Single(results, r => r.Outcome == OpenOutcome.Opened);
        Assert.Equal(19, results.Count(r => r.Outcome == OpenOutcome.Replayed));
        Assert.Single(results.Select(r => r.Order!.OrderId).Distinct());
    }

    [Fact]
    public async Task OpenOrder_TwentyPhonesAtOnceWithOneKey_OpensOneOrder()
    {
        // A client that used its key for several bodies at once got an order for each of them on PostgreSQL: requests
        // were kept apart by phone only, and the key that lost was dropped without a word while its order was kept.
        var key = Drafts.Key();

        var results = await AtOnceAsync(20, n => Store.OpenOrderAsync(Drafts.Order(key: Drafts.Key(key.Key, $"body {n}")), Drafts.Limit, Cancel));

        Assert.Single(results, r => r.Outcome == OpenOutcome.Opened);
        Assert.All(results.Where(r => r.Outcome != OpenOutcome.Opened), r => Assert.True(r.Outcome is OpenOutcome.KeyReused or OpenOutcome.Clash));
    }
}
