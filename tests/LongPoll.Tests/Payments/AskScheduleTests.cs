using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>When providers are asked that prescribe it, and which attempts can be asked about.</summary>
public sealed class AskScheduleTests
{
    private static readonly AskRules PhonePe = new(TimeSpan.FromSeconds(22), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(20))
    {
        CanAsk = static attempt => attempt.ProviderReference is not null || attempt.CanStillSucceed,
        Steps = [(Seconds(3), Seconds(30)), (Seconds(6), Seconds(60)), (Seconds(10), Seconds(60)), (Seconds(30), Seconds(60))],
    };

    // First after 20 to 25 s; every 3 s for 30 s, 6 s for 60 s, 10 s for 60 s, 30 s for 60 s, then each minute until 20 minutes.
    [Fact]
    public void NextAsk_PrescribedSchedule_IsKept()
    {
        var attempt = Given.AttemptOf(Given.Order(), AttemptState.Prompted) with { ProviderReference = "X" };
        var (times, expires) = (new List<double>(), attempt.CreatedAt.AddHours(1));
        for (var now = attempt.CreatedAt + PhonePe.First; now < attempt.CreatedAt + PhonePe.Horizon; now = Expiry.NextAsk(attempt, expires, PhonePe, now)!.Value)
        {
            times.Add((now - attempt.CreatedAt).TotalSeconds);
        }

        var pauses = times.Zip(times.Skip(1), static (a, b) => b - a).ToArray();
        Assert.Equal(22, times[0]);
        Assert.Equal([.. Enumerable.Repeat(3d, 10), .. Enumerable.Repeat(6d, 10), .. Enumerable.Repeat(10d, 6), .. Enumerable.Repeat(30d, 2)], pauses[..28]);
        Assert.All(pauses[28..^1], pause => Assert.Equal(60, pause));
        Assert.InRange(times[^1], 15 * 60, 20 * 60);
    }

    [Fact]
    public void CanAsk_ByOurOwnReference_AlsoWhenTheAnswerWasLost()
    {
        var lost = Given.AttemptOf(Given.Order(), AttemptState.Created) with { ProviderReference = null };
        var now = lost.CreatedAt.AddMinutes(21);

        Assert.Equal(lost.CreatedAt.AddSeconds(25), Expiry.NextAsk(lost, lost.CreatedAt.AddHours(1), PhonePe, lost.CreatedAt.AddSeconds(22)));
        Assert.Null(Expiry.Decide(lost, now, answered: false, PhonePe, now));
        Assert.Equal("expired", Expiry.Decide(lost, now, answered: true, PhonePe, now)!.Code);
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);
}
