using System.Text;
using LongPoll.Server.Payments;
using LongPoll.Tests.Providers.PayHero;
using Xunit;

namespace LongPoll.Tests.Bugs;

/// <summary>
/// A callback with <c>\u0000</c> in an id, or with an id of some thousand signs, was read as it stood. PostgreSQL takes
/// neither into a text column or an index, so the commit failed, the answer was 503 and the raw callback was never kept,
/// however often it was sent. Such a text is no id: the rest of the callback is read without it.
/// </summary>
public sealed class CallbackThatNoColumnTakesTests
{
    [Theory]
    [InlineData("UKL\\u00001A2B3C4")]
    [InlineData("\\u0000")]
    public void Read_ReceiptWithNul_IsMoneyWithoutReceipt(string receipt) => AssertNoReceipt(receipt);

    [Fact]
    public void Read_ReceiptOfThousands_IsMoneyWithoutReceipt() => AssertNoReceipt(new string('9', 5000));

    private static void AssertNoReceipt(string receipt)
    {
        var body = "{\"response\":{\"ResultCode\":0,\"ExternalReference\":\"ORD-42-P1\",\"MpesaReceiptNumber\":\"" + receipt + "\"}}";

        var report = PayHeroCallbackTests.Read(Encoding.UTF8.GetBytes(body)).Report!;

        Assert.Equal((ReportedOutcome.Paid, "ORD-42-P1"), (report.Outcome, report.Clues.Reference));
        Assert.Null(report.TransactionId);
    }
}
