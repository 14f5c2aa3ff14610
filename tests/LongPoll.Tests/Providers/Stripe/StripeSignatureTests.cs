using LongPoll.Server.Providers.Stripe;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Providers.Stripe;

public sealed class StripeSignatureTests
{
    [Theory]
    [InlineData(-301, false)]
    [InlineData(-300, true)]
    [InlineData(0, true)]
    [InlineData(300, true)]
    [InlineData(301, false)]
    public void Read_IsOfNowForFiveMinutesBothWays(int ageSeconds, bool ofNow)
    {
        DateTimeOffset now = new(Given.Noon);
        var header = $"t={now.ToUnixTimeSeconds() - ageSeconds},v1={new string('a', 64)}";

        Assert.Equal(ofNow, StripeSignature.Read(header, now) is not null);
    }
}
