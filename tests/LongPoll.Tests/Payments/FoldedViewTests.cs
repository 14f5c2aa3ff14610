using System.Text;
using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>A view that is kept comes back byte by byte, whoever wrote it.</summary>
public sealed class FoldedViewTests
{
    private static readonly Order s_order = Given.Order(PaymentStatus.Processing);
    private static readonly byte[] s_ours = OrderSnapshot.Of(s_order).Json.ToArray();

    [Fact]
    public void Of_ViewOfAParkedPage_TakesAThird()
    {
        var folded = FoldedView.Of(s_order.OrderId, s_ours);

        Assert.InRange(folded.Length, 1, s_ours.Length / 3);
        Assert.Equal(s_ours, FoldedView.Unfold(s_order.OrderId, folded));
    }

    [Fact]
    public void Unfold_ViewOfAnotherOrder_ComesBack()
    {
        var other = Guid.CreateVersion7();

        Assert.Equal(s_ours, FoldedView.Unfold(other, FoldedView.Of(other, s_ours)));
    }

    [Fact]
    public void Unfold_TicketsAndNamesThatStandInValues_ComeBack()
    {
        var order = Given.Order(PaymentStatus.Completed) with
        {
            Fulfilment = Fulfilment.Partial,
            Reason = ",\"status\":\"",
            Receipt = "SAE3YULR0Y",
            Tickets = [new OrderTicket("A1", Success: true, Error: null), new OrderTicket(Seat: null, Success: false, "seat_taken")],
        };
        var json = OrderSnapshot.Of(order).Json.ToArray();

        Assert.Equal(json, ThereAndBack(json));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"orderId\":")]
    [InlineData(" {\"orderId\":\"x\",\"orderNumber\":\"y\"}")]
    [InlineData("{\"version\":3,\"orderId\":\"x\"}")]
    public void Unfold_ViewOfAForeignProgram_ComesBack(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);

        Assert.Equal(bytes, ThereAndBack(bytes));
    }

    [Fact]
    public void Unfold_ViewBrokenAnywhere_ComesBack()
    {
        // Each byte but the brace once left out, once doubled, and once made one that stands for a name or a value.
        for (var at = 1; at < s_ours.Length; at++)
        {
            byte[][] broken = [[.. s_ours[..at], .. s_ours[(at + 1)..]], [.. s_ours[..at], s_ours[at], .. s_ours[at..]], [.. s_ours[..at], 0xFF, .. s_ours[(at + 1)..]], [.. s_ours[..at], 0x81, .. s_ours[(at + 1)..]]];
            Assert.All(broken, bytes => Assert.Equal(bytes, ThereAndBack(bytes)));
        }
    }

    private static byte[] ThereAndBack(byte[] json) => FoldedView.Unfold(s_order.OrderId, FoldedView.Of(s_order.OrderId, json));
}
