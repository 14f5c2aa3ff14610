using LongPoll.Server.Payments;
using LongPoll.Tests.Contracts;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>What is decided from memory, and what has to be looked up.</summary>
public sealed class PaymentsUnderWayTests
{
    private readonly PaymentsUnderWay _underWay = new();

    [Fact]
    public void Decide_PromptedPayment_IsDecidedAsByItsFacts()
    {
        var attempt = Prompt(Given.Order());

        Assert.Equal(PaymentStatus.Completed, Decide(Money(attempt))!.After!.PaymentStatus);
        Assert.Equal(PaymentStatus.Cancelled, Decide(Drafts.Cancelled(attempt) with { Clues = Money(attempt).Clues })!.After!.PaymentStatus);
    }

    [Fact]
    public void Decide_WhatOnlyTheStoreCanTell_IsLookedUp()
    {
        var attempt = Prompt(Given.Order());
        var money = Money(attempt);

        Assert.Null(Decide(money with { Clues = new AttemptClues { Reference = attempt.Reference } }));
        Assert.Null(Decide(money with { Clues = money.Clues with { AttemptId = Guid.CreateVersion7() } }));
        Assert.Null(Decide(money with { Clues = money.Clues with { ProviderReference = "of another" } }));
        Assert.Null(Decide(money with { Provider = "another" }));
        Assert.Null(Decide(money with { Amount = 1 }));
        Assert.Null(Decide(money with { Outcome = ReportedOutcome.Refunded, Refund = new RefundClaim("R1", 1, InAll: false) }));
        Assert.Null(Decide(money with { Outcome = ReportedOutcome.Pending }));

        // Another amount, and not to be believed: whether that money was decided about before, the money inbox knows.
        Assert.Null(Decide(money with { Amount = 1, Doubtful = true }));
        Assert.NotNull(Decide(money));
    }

    [Fact]
    public void Committed_PaymentEnded_IsForgotten()
    {
        var attempt = Prompt(Given.Order());

        _underWay.Committed(Decide(Money(attempt))!, Given.Noon);

        Assert.Null(Decide(Money(attempt)));
    }

    [Fact]
    public void Committed_OrderOfALink_IsLookedUpEachTime() =>
        Assert.Null(Decide(Money(Prompt(Given.Order() with { LinkId = Guid.CreateVersion7() }))));

    [Fact]
    public void Forget_WhatWasRemembered_IsLookedUp()
    {
        var attempt = Prompt(Given.Order());

        _underWay.Forget(attempt.AttemptId);

        Assert.Null(Decide(Money(attempt)));
    }

    [Fact]
    public void Committed_MoreThanFit_TheFirstAreRemembered()
    {
        var attempts = Enumerable.Range(0, PaymentsUnderWay.Most + 1).Select(_ => Prompt(Given.Order())).ToArray();

        Assert.NotNull(Decide(Money(attempts[0])));
        Assert.NotNull(Decide(Money(attempts[^2])));
        Assert.Null(Decide(Money(attempts[^1])));
        Assert.False(_underWay.Wants(Guid.CreateVersion7(), Given.Noon));
    }

    [Fact]
    public void Committed_OneOfTooManyEnds_TheNextIsRemembered()
    {
        var attempts = Enumerable.Range(0, PaymentsUnderWay.Most).Select(_ => Prompt(Given.Order())).ToArray();
        _underWay.Committed(Decide(Money(attempts[0]))!, Given.Noon);

        var next = Prompt(Given.Order());

        Assert.NotNull(Decide(Money(next)));
    }

    [Fact]
    public void Committed_MoreThanFit_WhoIsHereForLongGivesWayOneByOne()
    {
        var attempts = Enumerable.Range(0, PaymentsUnderWay.Most).Select(_ => Prompt(Given.Order())).ToArray();
        var soon = Given.Noon + PaymentsUnderWay.Usual;
        var later = soon + TimeSpan.FromMilliseconds(1);

        Assert.Null(Decide(Money(Prompt(Given.Order(), out _, soon)), soon));
        Assert.False(_underWay.Wants(Guid.CreateVersion7(), soon));
        Assert.True(_underWay.Wants(Guid.CreateVersion7(), later));
        var next = Prompt(Given.Order(), out _, later);

        Assert.NotNull(Decide(Money(next), later));
        Assert.Null(Decide(Money(attempts[0]), later));
        Assert.NotNull(Decide(Money(attempts[1]), later));
    }

    [Fact]
    public void Decide_LongAfterThePrompt_IsLookedUp()
    {
        var attempt = Prompt(Given.Order());

        Assert.NotNull(Decide(Money(attempt), Given.Noon + PaymentsUnderWay.Longest));
        Assert.Null(Decide(Money(attempt), Given.Noon + PaymentsUnderWay.Longest + TimeSpan.FromMilliseconds(1)));
        Assert.Null(Decide(Money(attempt)));
    }

    [Fact]
    public void Decide_ClockWasSetBack_IsLookedUp()
    {
        var attempt = Prompt(Given.Order());

        Assert.NotNull(Decide(Money(attempt), Given.Noon - PaymentsUnderWay.Longest));
        Assert.Null(Decide(Money(attempt), Given.Noon - PaymentsUnderWay.Longest - TimeSpan.FromMilliseconds(1)));
        Assert.Null(Decide(Money(attempt)));
    }

    [Fact]
    public void Committed_HeardOfLate_DoesNotBringTheOlderBack()
    {
        var attempt = Prompt(Given.Order(), out var accepted);
        var disputed = Decide(Money(attempt) with { TransactionId = null, Amount = 1 })!;
        _underWay.Committed(disputed, Given.Noon);

        _underWay.Committed(accepted, Given.Noon);

        Assert.Equal(disputed.After!.Version, Decide(Drafts.Cancelled(attempt) with { Clues = Money(attempt).Clues })!.Before!.Version);
    }

    [Fact]
    public void Committed_IdsLearntBesides_AreLookedUp()
    {
        var attempt = Prompt(Given.Order(), out var accepted);

        _underWay.Committed(accepted with { Before = accepted.After, After = null, Attempt = attempt with { ProviderReference = "learnt" } }, Given.Noon);

        Assert.Null(Decide(Money(attempt)));
    }

    [Fact]
    public void Read_PromptedPaymentOfAnotherNode_IsDecidedAsByItsFacts()
    {
        var (order, attempt) = PromptElsewhere();
        Assert.True(_underWay.Wants(order.OrderId, Given.Noon));

        _underWay.Read(new OrderWithAttempts(order, [attempt]), Given.Noon);

        Assert.False(_underWay.Wants(order.OrderId, Given.Noon));
        Assert.Equal(PaymentStatus.Completed, Decide(Money(attempt))!.After!.PaymentStatus);
        Assert.True(_underWay.Wants(order.OrderId, Given.Noon + PaymentsUnderWay.Longest + TimeSpan.FromMilliseconds(1)));
    }

    [Fact]
    public void Read_WhatWasWrittenHereMeanwhile_Stays()
    {
        var attempt = Prompt(Given.Order(), out var accepted);
        _underWay.Committed(Decide(Money(attempt) with { TransactionId = null, Amount = 1 })!, Given.Noon);
        var known = Decide(Drafts.Cancelled(attempt) with { Clues = Money(attempt).Clues })!.Before!;

        _underWay.Read(new OrderWithAttempts(accepted.After!, [attempt]), Given.Noon);

        Assert.True(known.Version > accepted.After!.Version);
        Assert.Equal(known.Version, Decide(Drafts.Cancelled(attempt) with { Clues = Money(attempt).Clues })!.Before!.Version);
    }

    [Fact]
    public void Read_WhatNeedsALookAnyway_IsNotRemembered()
    {
        var (order, attempt) = PromptElsewhere();

        Read(order with { LinkId = Guid.CreateVersion7() }, attempt);
        Read(order with { PaymentStatus = PaymentStatus.Failed }, attempt);
        Read(order, attempt with { State = AttemptState.Created });
        Read(order with { CurrentAttemptId = Guid.CreateVersion7() }, attempt);

        void Read(Order read, Attempt only)
        {
            _underWay.Read(new OrderWithAttempts(read, [only]), Given.Noon);
            Assert.True(_underWay.Wants(order.OrderId, Given.Noon));
            Assert.Null(Decide(Money(attempt)));
        }
    }

    [Fact]
    public void Moved_ByAnotherNode_IsForgottenAndReadAfresh()
    {
        var (order, attempt) = PromptElsewhere();
        _underWay.Read(new OrderWithAttempts(order, [attempt]), Given.Noon);

        _underWay.Moved(order.OrderId, order.Version);
        Assert.NotNull(Decide(Money(attempt)));
        _underWay.Moved(order.OrderId, order.Version + 1);

        Assert.True(_underWay.Wants(order.OrderId, Given.Noon));
        Assert.Null(Decide(Money(attempt)));
        _underWay.Moved(order.OrderId, order.Version + 2);
    }

    [Fact]
    public void Read_SecondAttemptOfARememberedOrder_StaysKnownWhenTheFirstIsForgotten()
    {
        var (order, first) = PromptElsewhere();
        var second = first with { AttemptId = Guid.CreateVersion7(), Number = 2 };
        _underWay.Read(new OrderWithAttempts(order, [first]), Given.Noon);
        _underWay.Read(new OrderWithAttempts(order with { CurrentAttemptId = second.AttemptId, Version = order.Version + 3 }, [first, second]), Given.Noon);

        _underWay.Forget(first.AttemptId);

        Assert.False(_underWay.Wants(order.OrderId, Given.Noon));
        Assert.NotNull(Decide(Money(second)));
        _underWay.Forget(second.AttemptId);
        Assert.True(_underWay.Wants(order.OrderId, Given.Noon));
    }

    private (Order Order, Attempt Attempt) PromptElsewhere()
    {
        var attempt = Prompt(Given.Order(), out var accepted);
        _underWay.Forget(attempt.AttemptId);
        return (accepted.After!, attempt);
    }

    private Settlement? Decide(PaymentReport report, DateTime? at = null) => _underWay.Decide(report, at ?? Given.Noon, fulfils: true);

    private static PaymentReport Money(Attempt attempt) => Given.Money(attempt) with { Clues = new AttemptClues { AttemptId = attempt.AttemptId } };

    /// <summary>Lets the prompt go out.</summary>
    private Attempt Prompt(Order like) => Prompt(like, out _);

    private Attempt Prompt(Order like, out Settlement settlement, DateTime? at = null)
    {
        var order = like with { OrderId = Guid.CreateVersion7(), CurrentAttemptId = Guid.CreateVersion7(), PaymentStatus = PaymentStatus.Pending };
        var attempt = Given.AttemptOf(order) with { AttemptId = order.CurrentAttemptId, OrderId = order.OrderId, State = AttemptState.Created };
        settlement = Settlement.Decide(Drafts.Accepted(attempt), Given.Facts(order, attempt), Given.Noon);
        Assert.NotNull(settlement.After);
        _underWay.Committed(settlement, at ?? Given.Noon);
        return settlement.Attempt!;
    }
}
