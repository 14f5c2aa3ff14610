using LongPoll.Server.Fulfilment;
using LongPoll.Server.Hosting;
using LongPoll.Server.Payments;
using LongPoll.Tests.Contracts;
using Microsoft.Extensions.Options;
using Xunit;

namespace LongPoll.Tests.Tickets;

/// <summary>What the wallet shows of orders that no sandbox makes.</summary>
public sealed class WalletViewTests
{
    private static readonly TicketCodes Codes = new(Options.Create(new SecurityOptions { Key = "wallet-view-tests-wallet-view-tests-" }));

    [Theory]
    [InlineData("pi_3Abc", "3Abc")]
    [InlineData("UKL0000001", "UKL0000001")]
    [InlineData(null, null)]
    [Trait("Acceptance", "93")]
    public void TicketReference_IsThePaymentIdWithoutStripesPrefix(string? receipt, string? reference) =>
        Assert.Equal(reference, WalletView.Of(Paid(new Money(12345, "USD"), receipt), Codes).TicketReference);

    [Theory]
    [InlineData(12345, "USD", "123.45")]
    [InlineData(500, "JPY", "500")]
    [Trait("Acceptance", "92")]
    public void AmountTotal_IsTheProvidersMinorUnitsInMajorOnes(long minor, string currency, string amount) =>
        Assert.Equal(amount, WalletView.Of(Paid(new Money(minor, currency), "pi_1"), Codes).AmountTotal.ToString(System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void MissingTicket_StandsThereWithItsReasonAndWithoutACode()
    {
        var paid = Paid(new Money(100, "KES"), "UKL1");

        var tickets = WalletView.Of(paid, Codes).Tickets;

        Assert.Equal([("used", true), ("missing", false)], tickets.Select(t => (t.Status, t.Success)));
        Assert.Equal((null, null, "ticket_refused"), (tickets[1].Code, tickets[1].Url, tickets[1].Error));
    }

    private static PaidOrder Paid(Money total, string? receipt) => new(
        Drafts.Order(total: total).Order with
        {
            PaymentStatus = PaymentStatus.Completed,
            Receipt = receipt,
            Fulfilment = Server.Payments.Fulfilment.Partial,
            Tickets = [new OrderTicket("A1", Success: true, null), new OrderTicket("A2", Success: false, "ticket_refused")],
        },
        [new SoldItem("Seat", 2, 50, ["A1", "A2"])],
        Event: null,
        [new Ticket(new TicketSlot(0, 0, 1, "Seat", "A1"), Drafts.Noon, AdmittedAt: Drafts.Noon)],
        Mails: []);
}
