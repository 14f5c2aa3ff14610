using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.Verdict;
using Xunit;
using static LongPoll.Tests.Sandbox.Verdict.Days;

namespace LongPoll.Tests.Sandbox.Verdict;

/// <summary>Acceptance 66–73, 77, 78: each invariant about money goes red by its own name on a doctored day.</summary>
public sealed class MoneyInvariantsTests
{
    [Fact]
    public void A_good_day_breaks_nothing() => Assert.Empty(Broken(Good));

    [Fact]
    public void Money_applied_twice()
    {
        OrderHistory twice = Good with { Ledger = [Paid with { Callbacks = [Applied, Applied] }] };

        Assert.Equal([Invariants.OnePayment], Broken(twice));
    }

    [Fact]
    public void A_booking_reference_that_changes()
    {
        LedgerCallback other = Applied with { Result = "duplicate", BookingReference = "BK-9999999999" };

        Assert.Equal([Invariants.OnePayment], Broken(Good with { Ledger = [Paid with { Callbacks = [Applied, other] }] }));
    }

    [Fact]
    public void Paid_and_shown_as_failed()
    {
        SeenOrder failed = Completed with { PaymentStatus = "failed", Receipt = null, BookingReference = null, Fulfilment = "none", Tickets = [] };
        OrderHistory order = Good with { Sightings = [], AtRest = [failed] };

        Assert.Equal([Invariants.NothingPaidUnpaid, Invariants.BooksEqualReceipts], Broken(order));
        Assert.Empty(Broken(order, new InboxEntry(OrderId, Receipt, 300, "second_payment")));
    }

    [Fact]
    public void The_visitor_at_rest_is_shown_unpaid_while_the_database_says_paid()
    {
        OrderHistory order = Good with { Sightings = [Saw(VerdictRun.Visitor, Processing, Wait("timeout", until: "settled"))] };

        Assert.Equal([Invariants.NothingPaidUnpaid], Broken(order));
    }

    [Fact]
    public void Another_amount_in_the_books_than_at_the_provider()
    {
        OrderHistory order = Good with { Ledger = [Paid with { AmountPaid = 299 }] };

        Assert.Equal([Invariants.BooksEqualReceipts], Broken(order));
    }

    [Fact]
    public void A_receipt_twice_in_the_books() =>
        Assert.Equal([Invariants.BooksEqualReceipts], Broken(Good, new InboxEntry(OrderId, Receipt, 300, "second_payment")));

    [Fact]
    public void Settled_with_a_receipt_that_the_provider_never_gave() =>
        Assert.Equal([Invariants.BooksEqualReceipts], Broken(Good with { Ledger = [Unpaid] }));

    [Fact]
    public void Try_again_while_the_attempt_can_still_succeed()
    {
        SeenOrder retry = Processing with { PaymentStatus = "expired", Settled = true, SafeToRetry = true, Version = 3, UpdatedAt = Noon.AddSeconds(4) };
        OrderHistory order = Good with { Ledger = [Unpaid], AtRest = [retry], Sightings = [Saw("tab 1", retry)] };

        Assert.Equal([Invariants.NoSecondCapture], Broken(order));
        Assert.Empty(Broken(order with { Ledger = [Unpaid with { FailureToldAt = Noon.AddSeconds(4) }] }));
    }

    [Fact]
    public void A_second_push_while_the_first_can_still_succeed()
    {
        LedgerLine first = Unpaid with { ExternalReference = "ORD-P0", PushedAt = Noon.AddSeconds(-60), FailureToldAt = Noon.AddSeconds(1) };

        Assert.Equal([Invariants.NoSecondCapture], Broken(Good with { Ledger = [first, Paid] }));
        Assert.Empty(Broken(Good with { Ledger = [first with { FailureToldAt = Noon.AddSeconds(-1) }, Paid] }));
    }

    [Theory]
    [InlineData(CallbackKind.ForgedWrongSecret, 200, "ignored")]
    [InlineData(CallbackKind.ForgedOtherSecret, 200, "applied")]
    [InlineData(CallbackKind.ForgedAmount, 200, "review")]
    public void A_forged_callback_that_was_listened_to(object kind, int status, string result)
    {
        LedgerCallback forged = new((CallbackKind)kind, "XXF0000001", Noon, status, result, null, null);

        Assert.Contains(Invariants.ForgedChangesNothing, Broken(Good with { Ledger = [Paid with { Callbacks = [Applied, forged] }] }));
    }

    [Fact]
    public void A_forged_receipt_in_the_money_inbox() =>
        Assert.Equal([Invariants.ForgedChangesNothing], Broken(Good, new InboxEntry(OrderId, "XXF0000001", 300, "unknown_attempt")));
}
