using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Providers.PayHero;

/// <summary>The status query over a real socket: an unknown answer is never a failure.</summary>
public sealed class PayHeroQueryTests
{
    [Fact]
    public async Task QueryAsync_Success_IsMoneyWithItsReceipt()
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(200, """{"success":true,"status":"SUCCESS","reference":"PH-1","provider_reference":" UKL1A2B3C4 "}"""));
        await using var account = new PayHeroAccount(wire.Address + "/api/v2");

        var report = await QueryAsync(account);

        Assert.Equal((ReportedOutcome.Paid, "UKL1A2B3C4", true), (report!.Outcome, report.TransactionId, report.FromProvider));
        Assert.Equal(account.Attempt.AttemptId, report.Clues.AttemptId);
        Assert.Equal("GET /api/v2/transaction-status?reference=PH-1 HTTP/1.1", Assert.Single(wire.Requests).Line);
    }

    [Theory]
    [InlineData("""{"status":"SUCCESS","provider_reference":""}""", nameof(ReportedOutcome.Paid))]
    [InlineData("""{"status":"success"}""", nameof(ReportedOutcome.Paid))]
    [InlineData("""{"status":"FAILED"}""", nameof(ReportedOutcome.Failed))]
    [InlineData("""{"status":"QUEUED"}""", nameof(ReportedOutcome.Pending))]
    public async Task QueryAsync_AWordThatIsKnown_IsThis(string body, string outcome)
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(200, body));
        await using var account = new PayHeroAccount(wire.Address);

        var report = await QueryAsync(account);

        Assert.Equal(Enum.Parse<ReportedOutcome>(outcome), report!.Outcome);
        Assert.Null(report.TransactionId);
        Assert.Equal(report.Outcome == ReportedOutcome.Failed ? Reasons.ProviderError : null, report.Reason);
        Assert.Equal(report.Outcome == ReportedOutcome.Failed, report.Doubtful);
    }

    [Theory]
    [InlineData(200, """{"status":"REVERSED"}""")]
    [InlineData(200, """{"status":"NOT_FOUND"}""")]
    [InlineData(200, """{"status":null}""")]
    [InlineData(200, """{"status":5}""")]
    [InlineData(200, "{}")]
    [InlineData(200, "[]")]
    [InlineData(200, "<html>")]
    [InlineData(200, "")]
    [InlineData(400, """{"status":"FAILED"}""")]
    [InlineData(401, """{"status":"FAILED"}""")]
    [InlineData(404, """{"status":"FAILED","error":"NOT_FOUND"}""")]
    public async Task QueryAsync_NoUsableAnswer_IsNoReportAndNoFailure(int status, string body)
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(status, body));
        await using var account = new PayHeroAccount(wire.Address);

        Assert.Null(await QueryAsync(account));
        Assert.Single(wire.Requests);
    }

    [Fact]
    public async Task QueryAsync_TwoFaultsThenAnAnswer_IsAskedAgain()
    {
        var asked = 0;
        await using var wire = new PayHeroWire(_ => Interlocked.Increment(ref asked) switch
        {
            1 => WireAnswer.Json(503, ""),
            2 => WireAnswer.JustCut,
            _ => WireAnswer.Json(200, """{"status":"SUCCESS","provider_reference":"UKL1A2B3C4"}"""),
        });
        await using var account = new PayHeroAccount(wire.Address);

        Assert.Equal("UKL1A2B3C4", (await QueryAsync(account))?.TransactionId);
        Assert.Equal(3, wire.Requests.Count);
    }

    [Fact]
    public async Task QueryAsync_FaultsWithoutEnd_AreThreeRequestsAndNoReport()
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(500, """{"status":"FAILED"}"""));
        await using var account = new PayHeroAccount(wire.Address);

        Assert.Null(await QueryAsync(account));
        Assert.Equal(3, wire.Requests.Count);
    }

    [Fact]
    public async Task QueryAsync_PayHeroHangs_IsGivenUpAfterThreeLimitsOfFiveSeconds()
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.JustHang);
        await using var account = new PayHeroAccount(wire.Address);
        var query = QueryAsync(account);
        for (var request = 1; request <= 3; request++)
        {
            var expected = request;
            await Eventually.IsAsync(() => wire.Requests.Count == expected);
            account.Clock.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Null(await query);
    }

    [Fact]
    public async Task QueryAsync_AnAttemptWithoutPayHerosReference_IsNotAskedAbout()
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(200, """{"status":"FAILED"}"""));
        await using var account = new PayHeroAccount(wire.Address);

        Assert.Null(await account.Provider.QueryAsync(account.Attempt with { ProviderReference = null }, ReportSource.Query, CancellationToken.None).SoonAsync());
        Assert.Empty(wire.Requests);
    }

    [Fact]
    public async Task QueryAsync_TheCallerGivesUp_Throws()
    {
        await using var wire = new PayHeroWire(_ => WireAnswer.JustHang);
        await using var account = new PayHeroAccount(wire.Address);
        using var cancel = new CancellationTokenSource();
        var query = account.Provider.QueryAsync(account.Attempt, ReportSource.Query, cancel.Token);
        await Eventually.IsAsync(() => wire.Requests.Count == 1);

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query.SoonAsync());
    }

    /// <summary>Asks, and lets the pauses between the tries pass: they are shorter than the limit of a request in flight.</summary>
    private static async Task<PaymentReport?> QueryAsync(PayHeroAccount account)
    {
        var query = account.Provider.QueryAsync(account.Attempt, ReportSource.Query, CancellationToken.None);
        await Eventually.IsAsync(() =>
        {
            if (account.Clock.NextDue is { } due && due < TimeSpan.FromSeconds(4))
            {
                account.Clock.Advance(due);
            }

            return query.IsCompleted;
        });
        return await query;
    }
}
