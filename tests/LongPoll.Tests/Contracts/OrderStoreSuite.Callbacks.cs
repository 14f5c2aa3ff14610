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
    public async Task FindRipe_Several_GivesTheOldestThatFitAndTheOldestOutOfTime_AsManyOfEach()
    {
        var (draft, since) = (await OpenAsync(), Drafts.Noon.AddDays(-100));
        var id = "several-" + draft.Order.OrderNumber;
        var fitting = await EarlyAsync(id, since, 30, 10, 20);
        var overdue = await EarlyAsync("nothing-" + id, since, -10, -20, -30);
        var young = await EarlyAsync("nothing-" + id, since, 5);
        await SettleAsync(Drafts.Accepted(draft.Attempt, digest: id));

        Assert.Equal([fitting[1], fitting[2], fitting[0], overdue[2], overdue[1], overdue[0]], await FoundAsync(since, 1000));
        Assert.Equal([fitting[1], fitting[2], overdue[2], overdue[1]], await FoundAsync(since, 2));
        Assert.Equal([fitting[2], fitting[0], overdue[2], overdue[1], overdue[0], young[0], fitting[1]], await FoundAsync(since.AddMinutes(10), 1000));

        async Task<Guid[]> FoundAsync(DateTime at, int limit) => [.. (await Store.FindRipeCallbacksAsync(at, limit, Cancel))
            .OrderBy(raw => raw.ReceivedAt <= at).ThenBy(raw => raw.ReceivedAt)
            .Select(raw => raw.CallbackId).Where(found => fitting.Contains(found) || overdue.Contains(found) || young.Contains(found))];
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

    /// <summary>Keeps callbacks with this id that came so many minutes later.</summary>
    private async Task<Guid[]> EarlyAsync(string id, DateTime at, params int[] minutes)
    {
        PaymentReport[] reports = [.. minutes.Select(later => Early(null, id, null, at.AddMinutes(later)))];
        foreach (var report in reports)
        {
            await SettleAsync(report);
        }

        return [.. reports.Select(report => report.Raw!.CallbackId)];
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
