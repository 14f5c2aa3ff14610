using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>When a silent attempt is over, and when it is asked about.</summary>
public sealed class ExpiryTests
{
    private static readonly DateTime Start = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly AskRules Rules = new(First: TimeSpan.FromSeconds(30), Longest: TimeSpan.FromMinutes(10), Horizon: TimeSpan.FromMinutes(10));

    [Theory]
    [InlineData(179, false)]
    [InlineData(180, true)]
    public void Decide_OrderTimeOverAndAnswered_LapsesNotBeforeTheLongestPrompt(int age, bool over)
    {
        var report = Expiry.Decide(Prompted(), Start.AddSeconds(60), answered: true, Rules, Start.AddSeconds(age));

        Assert.Equal(over ? ReportedOutcome.Lapsed : null, report?.Outcome);
        Assert.Equal(over ? Reasons.OrderExpired : null, report?.Reason);
    }

    [Theory]
    [InlineData(599)]
    [InlineData(600)]
    [InlineData(24 * 3600 - 1)]
    public void Decide_NeverAnswered_IsNotOver(int age) =>
        Assert.Null(Expiry.Decide(Prompted(), Start.AddSeconds(60), answered: false, Rules, Start.AddSeconds(age)));

    [Fact]
    public void Decide_NoAnswerForADay_IsOverUnverified()
    {
        var report = Expiry.Decide(Prompted(), Start.AddSeconds(60), answered: false, Rules, Start.AddDays(1));

        Assert.Equal((ReportedOutcome.Expired, "expired_unverified"), (report!.Outcome, report.Code));
    }

    [Theory]
    [InlineData(599, false)]
    [InlineData(600, true)]
    public void Decide_NoReferenceToAskWith_OnlyTheHorizonEndsItUnverified(int age, bool over)
    {
        var report = Expiry.Decide(Prompted() with { State = AttemptState.Created, ProviderReference = null }, Start.AddSeconds(60), answered: false, Rules, Start.AddSeconds(age));

        Assert.Equal(over ? "expired_unverified" : null, report?.Code);
    }

    [Theory]
    [InlineData(300, Reasons.OrderExpired)]
    [InlineData(900, Reasons.PromptExpired)]
    public void Decide_HorizonAndAnswered_SaysWhetherTheOrderOrThePromptIsOver(int orderSeconds, string reason)
    {
        var report = Expiry.Decide(Prompted(), Start.AddSeconds(orderSeconds), answered: true, Rules, Start.AddSeconds(600));

        Assert.Equal((ReportedOutcome.Expired, "expired", reason), (report!.Outcome, report.Code, report.Reason));
    }

    [Theory]
    [InlineData(AttemptState.Paid)]
    [InlineData(AttemptState.Cancelled)]
    [InlineData(AttemptState.Failed)]
    [InlineData(AttemptState.Expired)]
    public void Decide_AttemptHasEnded_NothingEndsTwice(object state) =>
        Assert.Null(Expiry.Decide(Prompted() with { State = (AttemptState)state }, Start, answered: true, Rules, Start.AddDays(2)));

    [Fact]
    public void Decide_Lapsed_LapsesOnceAndExpiresAtTheHorizon()
    {
        var lapsed = Prompted() with { State = AttemptState.Lapsed };

        Assert.Null(Expiry.Decide(lapsed, Start.AddSeconds(60), answered: true, Rules, Start.AddSeconds(599)));
        Assert.Equal(ReportedOutcome.Expired, Expiry.Decide(lapsed, Start.AddSeconds(60), answered: true, Rules, Start.AddSeconds(600))!.Outcome);
    }

    [Theory]
    [InlineData(0, 30)]
    [InlineData(30, 60)]
    [InlineData(60, 120)]
    [InlineData(120, 180)]
    [InlineData(300, 600)]
    public void NextAsk_SilentAttempt_PausesDoubleAndStopAtTheMomentsWhenItCouldEnd(int age, int next) =>
        Assert.Equal(Start.AddSeconds(next), Expiry.NextAsk(Prompted(), Start.AddSeconds(60), Rules, Start.AddSeconds(age)));

    [Fact]
    public void NextAsk_EndedUnpaid_EveryHourForADay()
    {
        var ended = Prompted() with { State = AttemptState.Cancelled, EndedAt = Start };

        Assert.Equal(Start.AddHours(2), Expiry.NextAsk(ended, Start.AddSeconds(60), Rules, Start.AddHours(1)));
        Assert.Null(Expiry.NextAsk(ended, Start.AddSeconds(60), Rules, Start.AddHours(24)));
    }

    [Theory]
    [InlineData(1, 30)]
    [InlineData(29, 30)]
    [InlineData(30, 60)]
    [InlineData(300, 600)]
    [InlineData(7200, 7800)]
    public void NextAsk_PaidAndNotConfirmedYet_FromThirtySecondsOnWithGrowingPauses(int age, int next) =>
        Assert.Equal(Start.AddSeconds(next), Expiry.NextAsk(Paid(), Start.AddSeconds(60), Rules, Start.AddSeconds(age)));

    [Fact]
    public void NextAsk_PaidLongAgoOrWithoutReference_IsNotAskedAbout()
    {
        Assert.Null(Expiry.NextAsk(Paid(), Start.AddSeconds(60), Rules, Start.AddHours(24)));
        Assert.Null(Expiry.NextAsk(Paid() with { ProviderReference = null }, Start.AddSeconds(60), Rules, Start.AddSeconds(1)));
    }

    [Fact]
    public void NextAsk_NoReference_WaitsForTheHorizon() =>
        Assert.Equal(Start.AddSeconds(600), Expiry.NextAsk(Prompted() with { ProviderReference = null }, Start.AddSeconds(60), Rules, Start.AddSeconds(10)));

    private static Attempt Prompted() => new()
    {
        AttemptId = Guid.CreateVersion7(),
        OrderId = Guid.CreateVersion7(),
        Number = 1,
        Provider = "payhero",
        State = AttemptState.Prompted,
        Reference = "ABCDEFGH-P1",
        ProviderReference = "TILL1",
        Amount = new Money(30_000, "KES"),
        CreatedAt = Start,
    };

    private static Attempt Paid() => Prompted() with { State = AttemptState.Paid, EndedAt = Start };
}
