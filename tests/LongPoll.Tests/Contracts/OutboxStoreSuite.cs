using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>
/// What every outbox store owes. Messages come into it the only way they do: with a settlement.
/// Each test first ends what the one before it left.
/// </summary>
public abstract class OutboxStoreSuite(StoreFixture stores)
{
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(1);
    private static readonly DateTime Now = Drafts.Noon.AddHours(1);

    private IOutboxStore Outbox => stores.Outbox;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FindDueKinds_GivesEachAskedForWithAMessageThatIsDueAndThatNobodyHolds()
    {
        await EmptyAsync();
        await PromiseAsync(due: Now);
        await PromiseAsync(due: Now);
        await PromiseAsync(due: Now, kind: "other kind");

        Assert.Empty(await FindAsync(Now.AddMilliseconds(-1)));
        Assert.Equal(["kind", "other kind"], await FindAsync(Now));
        Assert.Single(await ClaimAsync(Now, limit: 1));
        Assert.Equal(["kind", "other kind"], await FindAsync(Now));
        Assert.Single(await ClaimAsync(Now));
        Assert.Equal(["other kind"], await FindAsync(Now));
        Assert.Equal(["other kind"], await FindAsync(Now + Lease));
        Assert.Equal(["kind", "other kind"], await FindAsync(Now + Lease + TimeSpan.FromMilliseconds(1)));
        Assert.Empty(await Outbox.FindDueKindsAsync(["never promised"], Now, Cancel));

        async Task<string[]> FindAsync(DateTime at) => [.. (await Outbox.FindDueKindsAsync(["other kind", "never promised", "kind"], at, Cancel)).Order()];
    }

    [Fact]
    public async Task FindDueKinds_DoneOrBuried_GivesNothing()
    {
        await EmptyAsync();
        var (done, buried) = (await PromiseAsync(), await PromiseAsync());
        await Outbox.CompleteAsync(done.MessageId, Now, Cancel);
        await Outbox.BuryAsync(buried.MessageId, Now, "over", Cancel);

        Assert.Empty(await Outbox.FindDueKindsAsync(["kind"], Now.AddDays(1), Cancel));
    }

    [Fact]
    public async Task Claim_DueMessage_GivesItWholeAndCountsTheTry()
    {
        await EmptyAsync();
        var promised = await PromiseAsync();

        var claimed = Assert.Single(await ClaimAsync(Now));

        Assert.Equal(promised with { Tries = 1 }, claimed);
    }

    [Fact]
    public async Task Claim_NotYetDue_GivesNothing()
    {
        await EmptyAsync();
        await PromiseAsync(due: Now);

        Assert.Empty(await ClaimAsync(Now.AddMilliseconds(-1)));
        Assert.Single(await ClaimAsync(Now));
    }

    [Fact]
    public async Task Claim_UnderLease_IsGivenAgainOnlyWhenTheLeaseHasRunOut()
    {
        await EmptyAsync();
        await PromiseAsync();
        Assert.Single(await ClaimAsync(Now));

        Assert.Empty(await ClaimAsync(Now));
        Assert.Empty(await ClaimAsync(Now + Lease));
        Assert.Equal(2, Assert.Single(await ClaimAsync(Now + Lease + TimeSpan.FromMilliseconds(1))).Tries);
    }

    [Fact]
    public async Task Claim_MoreThanTheLimit_GivesThoseDueFirst()
    {
        await EmptyAsync();
        var third = await PromiseAsync(due: Now.AddMinutes(-1));
        var first = await PromiseAsync(due: Now.AddMinutes(-3));
        var second = await PromiseAsync(due: Now.AddMinutes(-2));

        // A claim has no order within itself: the worker handles all of it at once.
        Assert.Equal([first.MessageId], (await ClaimAsync(Now, limit: 1)).Select(m => m.MessageId));
        Assert.Equal(new[] { second.MessageId, third.MessageId }.Order(), (await ClaimAsync(Now, limit: 2)).Select(m => m.MessageId).Order());
    }

    [Fact]
    public async Task Claim_ManyClaimersAtOnce_NeverGivesAMessageTwice()
    {
        await EmptyAsync();
        var promised = new List<Guid>();
        for (var n = 0; n < 60; n++)
        {
            promised.Add((await PromiseAsync()).MessageId);
        }

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(ClaimAllAsync, Cancel)));

        Assert.Equal(promised.Order(), claims.SelectMany(c => c).Order());

        async Task<List<Guid>> ClaimAllAsync()
        {
            var mine = new List<Guid>();
            while (await stores.CountAsync("select count(*) from outbox where kind = 'kind' and done_at is null and buried_at is null and leased_until is null", new { }) > 0)
            {
                mine.AddRange((await ClaimAsync(Now, limit: 3)).Select(m => m.MessageId));
            }

            return mine;
        }
    }

    [Fact]
    public async Task Complete_Claimed_IsNeverGivenAgain()
    {
        await EmptyAsync();
        var message = await PromiseAsync();
        await ClaimAsync(Now);

        await Outbox.CompleteAsync(message.MessageId, Now, Cancel);

        Assert.Empty(await ClaimAsync(Now.AddDays(1)));
        Assert.Equal(1, await CountAsync(message, "done_at is not null and leased_until is null"));
    }

    [Fact]
    public async Task Postpone_Claimed_IsGivenAgainWhenDue()
    {
        await EmptyAsync();
        var message = await PromiseAsync();
        await ClaimAsync(Now);

        await Outbox.PostponeAsync(message.MessageId, Now.AddSeconds(2), "busy", Cancel);

        Assert.Empty(await ClaimAsync(Now.AddSeconds(1)));
        Assert.Equal(1, await CountAsync(message, "reason = 'busy'"));
        var again = Assert.Single(await ClaimAsync(Now.AddSeconds(2)));
        Assert.Equal((2, Now.AddSeconds(2)), (again.Tries, again.DueAt));
    }

    [Fact]
    public async Task Bury_Claimed_StaysWithItsReasonAndIsNeverGivenAgain()
    {
        await EmptyAsync();
        var message = await PromiseAsync();
        await ClaimAsync(Now);

        await Outbox.BuryAsync(message.MessageId, Now, "gave up", Cancel);

        Assert.Empty(await ClaimAsync(Now.AddDays(1)));
        Assert.Equal(1, await CountAsync(message, "buried_at is not null and done_at is null and reason = 'gave up'"));
    }

    [Fact]
    public async Task PostponeOrBury_AlreadyDone_ChangesNothing()
    {
        await EmptyAsync();
        var message = await PromiseAsync();
        await ClaimAsync(Now);
        await Outbox.CompleteAsync(message.MessageId, Now, Cancel);

        // Whose lease had run out comes late with a failure, after somebody else succeeded.
        await Outbox.PostponeAsync(message.MessageId, Now, "late", Cancel);
        await Outbox.BuryAsync(message.MessageId, Now, "late", Cancel);

        Assert.Empty(await ClaimAsync(Now.AddDays(1)));
        Assert.Equal(1, await CountAsync(message, "buried_at is null and reason is null"));
    }

    [Fact]
    public async Task Promise_SameKey_StandsOpenOnce()
    {
        await EmptyAsync();
        var message = await PromiseAsync();

        await PromiseAsync(key: message.Key);
        Assert.Equal(message.MessageId, Assert.Single(await ClaimAsync(Now)).MessageId);

        await PromiseAsync(key: message.Key);
        Assert.Empty(await ClaimAsync(Now));

        await Outbox.CompleteAsync(message.MessageId, Now, Cancel);
        var next = await PromiseAsync(key: message.Key);
        Assert.Equal(next.MessageId, Assert.Single(await ClaimAsync(Now)).MessageId);
    }

    private Task<IReadOnlyList<OutboxMessage>> ClaimAsync(DateTime now, int limit = 100) => Outbox.ClaimAsync("kind", now, now + Lease, limit, Cancel);

    private Task<long> CountAsync(OutboxMessage message, string condition) =>
        stores.CountAsync($"select count(*) from outbox where message_id = @MessageId and {condition}", new { message.MessageId });

    private async Task<OutboxMessage> PromiseAsync(DateTime? due = null, string? key = null, string kind = "kind")
    {
        var message = new OutboxMessage(
            Guid.CreateVersion7(), kind, key ?? Codes.Random(16), Guid.CreateVersion7(), Guid.CreateVersion7(), Drafts.Noon, due ?? Drafts.Noon, Tries: 0);
        var report = new PaymentReport { Provider = "payhero", Source = ReportSource.Callback, Outcome = ReportedOutcome.Pending };
        Assert.Equal(
            [CommitOutcome.Committed],
            await stores.Orders.SettleAsync([new Settlement { Report = report, Result = SettlementResult.Ignored, Outbox = [message] }], Cancel));
        return message;
    }

    private async Task EmptyAsync()
    {
        foreach (var kind in (string[])["kind", "other kind"])
        {
            foreach (var message in await Outbox.ClaimAsync(kind, Now.AddYears(1), Now.AddYears(1) + Lease, limit: 10_000, Cancel))
            {
                await Outbox.CompleteAsync(message.MessageId, Now, Cancel);
            }
        }
    }
}
