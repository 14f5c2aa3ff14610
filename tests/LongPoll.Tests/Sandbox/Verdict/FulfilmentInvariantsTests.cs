using LongPoll.Sandbox.Verdict;
using Xunit;
using static LongPoll.Tests.Sandbox.Verdict.Days;

namespace LongPoll.Tests.Sandbox.Verdict;

/// <summary>The invariant about tickets goes red by its own name on a doctored day.</summary>
public sealed class FulfilmentInvariantsTests
{
    [Theory]
    [InlineData("pending")]
    [InlineData("partial")]
    [InlineData("none")]
    public void Paid_and_never_fulfilled(string fulfilment) =>
        Assert.Equal([Invariants.Fulfilled], Broken(Good with { Sightings = [], AtRest = [Completed with { Fulfilment = fulfilment }] }));

    [Fact]
    public void Fulfilled_without_a_ticket() =>
        Assert.Equal([Invariants.Fulfilled], Broken(Good with { Sightings = [], AtRest = [Completed with { Tickets = [] }] }));

    [Fact]
    public void A_second_set_of_tickets() =>
        Assert.Equal([Invariants.Fulfilled], Broken(Good with { Sightings = [], AtRest = [Completed, Completed with { Version = 4, Tickets = [new SeenTicket(Success: true, "/orders/1/tickets/2")] }] }));

    [Fact]
    public void Tickets_before_the_money() =>
        Assert.Equal([Invariants.Fulfilled], Broken(Good with { Sightings = [Saw("tab 1", Processing with { Tickets = Completed.Tickets })] }));
}
