using LongPoll.Server.Payments;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Waiting;

public sealed class WaitConditionTests
{
    [Theory]
    //          since until        version  status                              fulfilment                   met    from the cache
    [InlineData(null, "Settled", 1, nameof(PaymentStatus.Processing), nameof(Fulfilment.None), false, false)]
    [InlineData(null, "Settled", 1, nameof(PaymentStatus.Completed), nameof(Fulfilment.Pending), true, true)]
    [InlineData(null, "Settled", 1, nameof(PaymentStatus.Cancelled), nameof(Fulfilment.None), true, false)]
    [InlineData(null, "Settled", 1, nameof(PaymentStatus.Expired), nameof(Fulfilment.None), true, false)]
    [InlineData(null, "Fulfilled", 1, nameof(PaymentStatus.Completed), nameof(Fulfilment.Pending), false, false)]
    [InlineData(null, "Fulfilled", 1, nameof(PaymentStatus.Completed), nameof(Fulfilment.Completed), true, true)]
    [InlineData(null, "Fulfilled", 1, nameof(PaymentStatus.Failed), nameof(Fulfilment.None), true, false)]
    [InlineData(null, "Change", 1, nameof(PaymentStatus.Pending), nameof(Fulfilment.None), true, false)]
    [InlineData(4L, "Change", 4, nameof(PaymentStatus.Completed), nameof(Fulfilment.None), false, false)]
    [InlineData(4L, "Change", 3, nameof(PaymentStatus.Completed), nameof(Fulfilment.None), false, false)]
    [InlineData(4L, "Change", 5, nameof(PaymentStatus.Processing), nameof(Fulfilment.None), true, true)]
    [InlineData(4L, "Change", 5, nameof(PaymentStatus.Failed), nameof(Fulfilment.None), true, true)]
    [InlineData(4L, "Settled", 4, nameof(PaymentStatus.Completed), nameof(Fulfilment.None), false, false)]
    [InlineData(4L, "Settled", 5, nameof(PaymentStatus.Processing), nameof(Fulfilment.None), false, false)]
    [InlineData(4L, "Settled", 5, nameof(PaymentStatus.Failed), nameof(Fulfilment.None), true, false)]
    [InlineData(4L, "Settled", 5, nameof(PaymentStatus.Completed), nameof(Fulfilment.None), true, true)]
    public void IsMetBy_VersionAndState_DecideTogether(long? since, string until, long version, string status, string fulfilment, bool met, bool metByCached)
    {
        var condition = new WaitCondition(since, Enum.Parse<WaitUntil>(until));
        var snapshot = OrderSnapshot.Of(Given.Order(Enum.Parse<PaymentStatus>(status), version: version) with { Fulfilment = Enum.Parse<Fulfilment>(fulfilment) });

        Assert.Equal((met, metByCached), (condition.IsMetBy(snapshot), condition.IsMetByCached(snapshot)));
    }
}
