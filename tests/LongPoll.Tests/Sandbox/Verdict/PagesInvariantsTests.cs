using LongPoll.Sandbox.Verdict;
using Xunit;
using static LongPoll.Tests.Sandbox.Verdict.Days;

namespace LongPoll.Tests.Sandbox.Verdict;

/// <summary>Acceptance 74, 77, 78: each invariant about pages goes red by its own name on a doctored day.</summary>
public sealed class PagesInvariantsTests
{
    [Fact]
    public void A_page_that_goes_back() =>
        Assert.Contains(Invariants.NeverBack, Broken(With(Saw("tab 1", Processing))));

    [Fact]
    public void A_database_that_is_behind_a_page() =>
        Assert.Equal([Invariants.NeverBack], Broken(With(Saw("tab 2", Completed with { Version = 4 }))));

    [Fact]
    public void One_version_with_two_contents() =>
        Assert.Equal([Invariants.NeverBack], Broken(With(Saw("tab 2", Processing with { SafeToRetry = false, TotalAmount = 200 }))));

    [Fact]
    public void Failed_after_completed()
    {
        SeenOrder failed = Completed with { PaymentStatus = "failed", Version = 4 };

        Assert.Contains(Invariants.CompletedStays, Broken(With(Saw("tab 2", failed)) with { AtRest = [failed] }));
    }

    [Fact]
    public void A_wait_that_tells_what_the_page_has_seen()
    {
        Assert.Equal([Invariants.WaitsBringNews], Broken(With(Saw("tab 2", Completed, Wait("database", since: 3)))));
        Assert.Equal([Invariants.WaitsBringNews], Broken(With(Saw("tab 2", Processing, Wait("notified", until: "settled")))));

        // Time that is up is told what there is, and a version that nobody wrote is told the fact.
        Assert.Empty(Broken(With(Saw("tab 2", Completed, Wait("timeout", since: 3)))));
        Assert.Empty(Broken(With(Saw("tab 2", Completed, Wait("database", since: 99)))));
    }

    [Fact]
    public void A_wait_that_sleeps_through_a_change()
    {
        Assert.Equal([Invariants.WaitsWake], Broken(With(Saw("tab 2", Completed, Wait("timeout", since: 2, took: 20, answered: 29)))));

        // Asked long after the change, or changed at the end of its time.
        Assert.Empty(Broken(With(Saw("tab 2", Completed, Wait("database", since: 2, took: 0.01, answered: 60)))));
        Assert.Empty(Broken(With(Saw("tab 2", Completed, Wait("timeout", since: 2, took: 20, answered: 10)))));
    }

    [Fact]
    public void A_wait_that_ends_by_an_error() =>
        Assert.Equal([Invariants.WaitsEndWell], Broken(Good with { BadWaits = ["tab 1: a wait was answered 500"] }));

    [Fact]
    public void An_order_that_is_not_made() =>
        Assert.Equal([Invariants.AllTaken], Broken(new OrderHistory(1, "254700000001", 300)));
}
