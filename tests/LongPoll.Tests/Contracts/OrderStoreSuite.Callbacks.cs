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
        Assert.DoesNotContain(await MatchableAsync(), raw => raw.CallbackId == report.Raw.CallbackId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FindMatchable_AttemptLearnsItsIds_GivesTheCallbackUntilItIsSettled(bool byDigest)
    {
        var draft = await OpenAsync();
        var id = "late-" + draft.Order.OrderNumber;
        var report = byDigest ? Early(null, id, null) : Early(null, null, id);
        await SettleAsync(report);
        Assert.DoesNotContain(await MatchableAsync(), raw => raw.CallbackId == report.Raw!.CallbackId);

        await SettleAsync(Drafts.Accepted(draft.Attempt, byDigest ? null : id, byDigest ? id : null));

        var found = Assert.Single(await MatchableAsync(), raw => raw.CallbackId == report.Raw!.CallbackId);
        Assert.Equal((report.Raw!.Provider, report.Raw.ReceivedAt), (found.Provider, found.ReceivedAt));
        Assert.Equal(report.Raw.Body.ToArray(), found.Body.ToArray());

        Assert.Equal(SettlementResult.Applied, (await SettleAsync(report with { Raw = found })).Result);

        Assert.DoesNotContain(await MatchableAsync(), raw => raw.CallbackId == report.Raw.CallbackId);
        Assert.Equal("orders=1 payment_attempts=1 payments=1 bookings=1 callbacks=1 order_events=3", await stores.CountAsync(draft.Order.OrderId));
    }

    [Fact]
    public async Task FindMatchable_Several_GivesTheOldestWithinTheTime()
    {
        var draft = await OpenAsync();
        var id = "several-" + draft.Order.OrderNumber;
        var reports = Enumerable.Range(0, 3).Select(n => Early(null, id, null, Drafts.Noon.AddDays(100).AddMinutes(n == 0 ? 30 : 10 * n))).ToArray();
        foreach (var report in reports)
        {
            await SettleAsync(report);
        }

        await SettleAsync(Drafts.Accepted(draft.Attempt, digest: id));

        var found = await Store.FindMatchableCallbacksAsync(Drafts.Noon.AddDays(100), 2, Cancel);
        Assert.Equal([reports[1].Raw!.CallbackId, reports[2].Raw!.CallbackId], found.Select(raw => raw.CallbackId));
        Assert.Single(await Store.FindMatchableCallbacksAsync(Drafts.Noon.AddDays(100).AddMinutes(20), 10, Cancel));
    }

    [Fact]
    public async Task FindMatchable_OtherProvidersAttempt_DoesNotFit()
    {
        var draft = await OpenAsync();
        var report = Early(draft.Attempt.Reference, null, null) with { Provider = "stripe", Raw = Drafts.Raw("stripe") };

        Assert.Equal(SettlementResult.Unmatched, (await SettleAsync(report)).Result);

        Assert.DoesNotContain(await MatchableAsync(), raw => raw.CallbackId == report.Raw!.CallbackId);
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

    private Task<IReadOnlyList<RawCallback>> MatchableAsync() => Store.FindMatchableCallbacksAsync(Drafts.Noon.AddDays(-1), 1000, Cancel);

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
