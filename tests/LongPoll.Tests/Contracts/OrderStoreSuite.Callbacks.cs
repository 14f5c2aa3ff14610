using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Contracts;

public abstract partial class OrderStoreSuite
{
    [Fact]
    public async Task KeepCallback_Unreadable_KeepsTheBytesAsTheyCame()
    {
        var raw = Drafts.Raw() with { Body = new byte[] { 0, 255, 254, 13, 10, 0 } };

        await Store.KeepCallbackAsync(raw, "unreadable", Cancel);

        Assert.Equal(1, await stores.CountAsync(
            "select count(*) from callbacks where callback_id = @CallbackId and body = @Body and result = 'unreadable' and order_id is null",
            new { raw.CallbackId, Body = raw.Body.ToArray() }));
    }

    [Fact]
    public async Task Settle_Unmatched_KeepsTheCallbackWithItsClues()
    {
        var report = Early("early-ref", "early-digest", "early-provider");

        Assert.Equal(SettlementResult.Unmatched, (await SettleAsync(report)).Result);

        Assert.Equal(1, await stores.CountAsync(
            """
            select count(*) from callbacks where callback_id = @CallbackId and body = @Body and result = 'unmatched' and order_id is null
              and reference = 'early-ref' and checkout_digest = 'early-digest' and provider_reference = 'early-provider'
            """,
            new { report.Raw!.CallbackId, Body = report.Raw.Body.ToArray() }));
        Assert.DoesNotContain(await RipeAsync(), raw => raw.CallbackId == report.Raw.CallbackId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FindRipe_AttemptLearnsItsIds_GivesTheCallbackUntilItIsSettled(bool byDigest)
    {
        var draft = await OpenAsync();
        var id = "late-" + draft.Order.OrderNumber;
        var report = byDigest ? Early(null, id, null) : Early(null, null, id);
        await SettleAsync(report);
        Assert.DoesNotContain(await RipeAsync(), raw => raw.CallbackId == report.Raw!.CallbackId);

        await SettleAsync(Drafts.Accepted(draft.Attempt, byDigest ? null : id, byDigest ? id : null));

        var found = Assert.Single(await RipeAsync(), raw => raw.CallbackId == report.Raw!.CallbackId);
        Assert.Equal((report.Raw!.Provider, report.Raw.ReceivedAt), (found.Provider, found.ReceivedAt));
        Assert.Equal(report.Raw.Body.ToArray(), found.Body.ToArray());

        Assert.Equal(SettlementResult.Applied, (await SettleAsync(report with { Raw = found })).Result);

        Assert.DoesNotContain(await RipeAsync(), raw => raw.CallbackId == report.Raw.CallbackId);
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=3", await stores.CountAsync(draft.Order.OrderId));
    }

    [Fact]
    public async Task FindRipe_Several_GivesThoseThatFitBeforeThoseOutOfTime_EachTheOldestFirst()
    {
        var (draft, since) = (await OpenAsync(), Drafts.Noon.AddDays(-100));
        var id = "several-" + draft.Order.OrderNumber;
        PaymentReport[] reports =
        [
            Early(null, id, null, since.AddMinutes(30)),
            Early(null, id, null, since.AddMinutes(10)),
            Early(null, id, null, since.AddMinutes(20)),
            Early(null, "nothing-" + id, null, since.AddMinutes(-10)),
            Early(null, "nothing-" + id, null, since.AddMinutes(-20)),
            Early(null, "nothing-" + id, null, since.AddMinutes(5)),
        ];
        foreach (var report in reports)
        {
            await SettleAsync(report);
        }

        await SettleAsync(Drafts.Accepted(draft.Attempt, digest: id));

        Assert.Equal([reports[1], reports[2], reports[0], reports[4], reports[3]], await FoundAsync(since));
        Assert.Equal([reports[2], reports[0], reports[4], reports[3], reports[5]], (await FoundAsync(since.AddMinutes(10)))[..5]);
        var few = await Store.FindRipeCallbacksAsync(since, 2, Cancel);
        Assert.Equal([reports[1].Raw!.CallbackId, reports[2].Raw!.CallbackId], few.Select(raw => raw.CallbackId));

        async Task<PaymentReport[]> FoundAsync(DateTime at) =>
            [.. (await Store.FindRipeCallbacksAsync(at, 1000, Cancel)).SelectMany(raw => reports.Where(report => report.Raw!.CallbackId == raw.CallbackId))];
    }

    [Fact]
    public async Task FindRipe_OtherProvidersAttempt_DoesNotFit()
    {
        var draft = await OpenAsync();
        var report = Early(draft.Attempt.Reference, null, null) with { Provider = "stripe", Raw = Drafts.Raw("stripe") };

        Assert.Equal(SettlementResult.Unmatched, (await SettleAsync(report)).Result);

        Assert.DoesNotContain(await RipeAsync(), raw => raw.CallbackId == report.Raw!.CallbackId);
    }

    [Theory]
    [InlineData("ends\0early")]
    [InlineData("quote \" backslash \\ newline \n")]
    public async Task Door_ClueThatADatabaseCannotHold_IsKeptAllTheSame(string clue)
    {
        // PostgreSQL holds no NUL in text. Such a callback, of one who knows the secret, was answered with an error for
        // ever: nothing of it was kept, and the provider went on sending it.
        var report = Early(clue, null, clue) with { TransactionId = clue, Code = clue };

        var settlement = await Door().HandleAsync(report, Cancel);

        Assert.Equal(SettlementResult.Unmatched, settlement.Result);
        Assert.Equal(1, await stores.CountAsync("select count(*) from callbacks where callback_id = @CallbackId", new { report.Raw!.CallbackId }));
    }

    private Task<IReadOnlyList<RawCallback>> RipeAsync() => Store.FindRipeCallbacksAsync(Drafts.Noon.AddDays(-1), 1000, Cancel);

    /// <summary>A callback that may come before the ids it names are known.</summary>
    private static PaymentReport Early(string? reference, string? digest, string? providerReference, DateTime? at = null) => new()
    {
        Provider = "payhero",
        Source = ReportSource.Callback,
        Outcome = ReportedOutcome.Paid,
        Clues = new AttemptClues { Reference = reference, CheckoutDigest = digest, ProviderReference = providerReference },
        TransactionId = Drafts.Receipt(),
        Amount = 300,
        Raw = Drafts.Raw(at: at),
    };
}
