using System.Globalization;
using System.Text;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;
using LongPoll.Server.Providers.PayHero;
using Xunit;

namespace LongPoll.Tests.Providers.PayHero;

/// <summary>The forms in which a result arrives, and what each variant of them means.</summary>
public sealed class PayHeroCallbackTests
{
    private const string A = """
        {"status":true,"forward_url":"","response":{"MerchantRequestID":"ab12","CheckoutRequestID":"ws_CO_20112026101500000712345678",
         "ResultCode":0,"ResultDesc":"Processed","Status":"Success","Amount":300,"MpesaReceiptNumber":"UKL1A2B3C4","Phone":"0712345678",
         "ExternalReference":"ORD-42-P1","ServiceWalletBalance":0,"PaymentWalletBalance":0}}
        """;

    private const string B = """
        {"success":true,"status":"success","message":"ok","reference":"UXX1","external_reference":"ORD-42-P1","amount":300,"currency":"KES",
         "transaction_type":"inbound_payment","provider_reference":"UKL1A2B3C4","provider":"mpesa_dc","callback_urls":null}
        """;

    private const string Daraja = """
        {"Body":{"stkCallback":{"MerchantRequestID":"m-1","CheckoutRequestID":"ws_CO_1","ResultCode":0,"ResultDesc":"ok","CallbackMetadata":{"Item":[
         {"Name":"Amount","Value":300.0},{"Name":"MpesaReceiptNumber","Value":"UKL1A2B3C4"},{"Name":"Balance"},
         {"Name":"TransactionDate","Value":20261120131545},{"Name":"PhoneNumber","Value":254712345678}]}}}}
        """;

    [Fact]
    public void Read_ShapeA_IsMoneyWithBothIds()
    {
        var report = Understood(A);

        AssertMoney(report);
        Assert.Equal("ORD-42-P1", report.Clues.Reference);
        Assert.Equal(PayHeroCallback.CheckoutDigest("ws_CO_20112026101500000712345678"), report.Clues.CheckoutDigest);
        Assert.DoesNotContain("712345678", report.Clues.CheckoutDigest, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ShapeB_IsMoneyWithPayHerosReference()
    {
        var report = Understood(B);

        AssertMoney(report);
        Assert.Equal(("ORD-42-P1", "UXX1", "KES"), (report.Clues.Reference, report.Clues.ProviderReference, report.Currency));
    }

    [Fact]
    public void Read_Daraja_IsMoneyWithTheCheckoutIdAlone()
    {
        var report = Understood(Daraja);

        AssertMoney(report);
        Assert.Equal(new AttemptClues { CheckoutDigest = PayHeroCallback.CheckoutDigest("ws_CO_1") }, report.Clues);
    }

    [Theory]
    [InlineData("\"response\"", "\"Response\"")]
    [InlineData("\"ResultCode\":0", "\"ResultCode\":\"0\"")]
    [InlineData("\"Amount\":300", "\"Amount\":300.0")]
    [InlineData("\"Amount\":300", "\"Amount\":\"300\"")]
    [InlineData("\"Amount\":300", "\"Amount\":\"300.00\"")]
    [InlineData("\"Status\":\"Success\"", "\"Status\":\"SUCCESS\"")]
    [InlineData("\"Status\":\"Success\",", "")]
    [InlineData("\"Status\":\"Success\"", "\"Status\":null")]
    [InlineData("\"Status\":\"Success\"", "\"Status\":[]")]
    [InlineData("\"UKL1A2B3C4\"", "\" UKL1A2B3C4 \"")]
    [InlineData("\"status\":true", "\"status\":\"x\"")]
    public void Read_ShapeAOtherwiseWritten_IsTheSameMoney(string written, string otherwise) => AssertMoney(Understood(Changed(A, written, otherwise)));

    [Theory]
    [InlineData("\"UKL1A2B3C4\"", "null", null, 300)]
    [InlineData("\"UKL1A2B3C4\"", "\"\"", null, 300)]
    [InlineData("\"UKL1A2B3C4\"", "{\"x\":1}", null, 300)]
    [InlineData("\"UKL1A2B3C4\"", "[1]", null, 300)]
    [InlineData("\"UKL1A2B3C4\"", "true", null, 300)]
    [InlineData("\"UKL1A2B3C4\"", "12345", "12345", 300)]
    [InlineData("\"Amount\":300", "\"Amount\":null", "UKL1A2B3C4", null)]
    [InlineData("\"Amount\":300", "\"Amount\":\"three\"", "UKL1A2B3C4", null)]
    [InlineData("\"Amount\":300", "\"Amount\":[300]", "UKL1A2B3C4", null)]
    [InlineData("\"Amount\":300", "\"Amount\":1e400", "UKL1A2B3C4", null)]
    [InlineData("\"Amount\":300", "\"Amount\":99999999999999999999999999999999999", "UKL1A2B3C4", null)]
    public void Read_ShapeAWithAFieldThatIsNone_ClaimsMoneyWithoutIt(string written, string otherwise, string? receipt, int? amount)
    {
        var report = Understood(Changed(A, written, otherwise));

        Assert.Equal((ReportedOutcome.Paid, receipt, (decimal?)amount), (report.Outcome, report.TransactionId, report.Amount));
    }

    [Theory]
    [InlineData("\"ResultCode\":0,", "")]
    [InlineData("\"ResultCode\":0", "\"ResultCode\":null")]
    [InlineData("\"ResultCode\":0", "\"ResultCode\":\"\"")]
    [InlineData("\"ResultCode\":0", "\"ResultCode\":{}")]
    [InlineData("\"Status\":\"Success\"", "\"Status\":\"Failed\"")]
    [InlineData("\"ResultCode\":0", "\"ResultCode\":1032")]
    [InlineData("\"ResultCode\":0", "\"ResultCode\":\"SFC_IC0003\"")]
    public void Read_ItsOwnWordsContradictOrAreMissing_IsDoubtfulMoneyAndNoFailure(string written, string otherwise)
    {
        var report = Understood(Changed(A, written, otherwise));

        Assert.Equal((ReportedOutcome.Paid, true), (report.Outcome, report.Doubtful));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"ExternalReference":"ORD-42-P1"}""")]
    [InlineData("""{"ExternalReference":"ORD-42-P1","Status":"Failed"}""")]
    [InlineData("""{"ResultCode":4999,"Status":"Success"}""")]
    [InlineData("""{"ResultCode":"500.001.1001"}""")]
    [InlineData("""{"ResultCode":"\ud800"}""")]
    public void Read_EnvelopeThatSaysNothing_IsNoChangeOfState(string response) =>
        Assert.Equal(ReportedOutcome.Pending, Understood("{\"response\":" + response + "}").Outcome);

    [Theory]
    [InlineData("1", "The balance is insufficient", nameof(ReportedOutcome.Failed), Reasons.InsufficientFunds)]
    [InlineData("1", "Cancelled by user", nameof(ReportedOutcome.Cancelled), Reasons.CancelledByBuyer)]
    [InlineData("17", "", nameof(ReportedOutcome.Failed), Reasons.ProviderError)]
    [InlineData("26", "", nameof(ReportedOutcome.Failed), Reasons.Busy)]
    [InlineData("1001", "", nameof(ReportedOutcome.Failed), Reasons.Busy)]
    [InlineData("1019", "", nameof(ReportedOutcome.Expired), Reasons.PromptExpired)]
    [InlineData("1025", "", nameof(ReportedOutcome.Failed), Reasons.ProviderError)]
    [InlineData("9999", "", nameof(ReportedOutcome.Failed), Reasons.ProviderError)]
    [InlineData("1031", "", nameof(ReportedOutcome.Cancelled), Reasons.CancelledByBuyer)]
    [InlineData("1032", "Request Cancelled by user.", nameof(ReportedOutcome.Cancelled), Reasons.CancelledByBuyer)]
    [InlineData("1037", "DS timeout", nameof(ReportedOutcome.Lapsed), Reasons.Unreachable)]
    [InlineData("2001", "", nameof(ReportedOutcome.Failed), Reasons.WrongPin)]
    [InlineData("SFC_IC0003", "The operator does not exist", nameof(ReportedOutcome.Failed), Reasons.ProviderError)]
    [InlineData("123456", "", nameof(ReportedOutcome.Failed), Reasons.ProviderError)]
    [InlineData("-1", "", nameof(ReportedOutcome.Failed), Reasons.ProviderError)]
    public void Read_FailureCode_InEveryShapeThatHasCodes_IsThis(string code, string description, string outcome, string reason)
    {
        var number = long.TryParse(code, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
        foreach (var written in number ? (string[])[code, $"\"{code}\""] : [$"\"{code}\""])
        {
            var fields = $"\"CheckoutRequestID\":\"ws_CO_2\",\"ResultCode\":{written},\"ResultDesc\":\"{description}\"";
            foreach (var body in (string[])[
                "{\"status\":true,\"response\":{" + fields + ",\"Status\":\"Failed\",\"Amount\":300,\"ExternalReference\":\"ORD-42-P2\"}}",
                "{" + fields + "}",
                "{\"Body\":{\"stkCallback\":{" + fields + "}}}"])
            {
                var report = Understood(body);
                Assert.Equal((Enum.Parse<ReportedOutcome>(outcome), reason, code), (report.Outcome, report.Reason, report.Code));
                Assert.Null(report.TransactionId);
                Assert.Equal(PayHeroCallback.CheckoutDigest("ws_CO_2"), report.Clues.CheckoutDigest);
            }
        }
    }

    [Theory]
    [InlineData("""{"success":false,"status":"failed","message":"Request Cancelled by user.","external_reference":"ORD-42-P1","provider_reference":""}""", nameof(ReportedOutcome.Cancelled), Reasons.CancelledByBuyer)]
    [InlineData("""{"status":"failed","external_reference":"ORD-42-P1"}""", nameof(ReportedOutcome.Failed), Reasons.ProviderError)]
    [InlineData("""{"status":"FAILED","message":null,"external_reference":"ORD-42-P1"}""", nameof(ReportedOutcome.Failed), Reasons.ProviderError)]
    [InlineData("""{"success":false,"external_reference":"ORD-42-P1"}""", nameof(ReportedOutcome.Pending), null)]
    [InlineData("""{"status":"queued","external_reference":"ORD-42-P1"}""", nameof(ReportedOutcome.Pending), null)]
    [InlineData("""{"status":["failed"],"external_reference":"ORD-42-P1"}""", nameof(ReportedOutcome.Pending), null)]
    public void Read_ShapeBFailures_AreThese(string body, string outcome, string? reason)
    {
        var report = Understood(body);

        Assert.Equal((Enum.Parse<ReportedOutcome>(outcome), reason, "ORD-42-P1"), (report.Outcome, report.Reason, report.Clues.Reference));
    }

    [Theory]
    [InlineData("\"success\":true", "\"success\":false")]
    [InlineData("\"status\":\"success\"", "\"status\":\"failed\"")]
    public void Read_ShapeBContradictsItself_IsDoubtfulMoney(string written, string otherwise) =>
        Assert.Equal((ReportedOutcome.Paid, true), (Understood(Changed(B, written, otherwise)).Outcome, Understood(Changed(B, written, otherwise)).Doubtful));

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"paid\"")]
    [InlineData("5")]
    [InlineData("""{"response":[{"ResultCode":0}]}""")]
    [InlineData("""{"Body":[]}""")]
    [InlineData("""{"Body":{"stkCallback":null}}""")]
    [InlineData("""{"status":"success","external_reference":"ORD-42-P1","transaction_type":"outbound_payment","provider_reference":"UKL1A2B3C4"}""")]
    public void Read_NotAboutAnOrdersPayment_IsIrrelevant(string body) => Assert.Equal(CallbackVerdict.Irrelevant, Read(body).Verdict);

    // A sender put a byte order mark in front of its JSON: the callback was answered 400 and its money never looked at.
    [Fact]
    public void Read_ByteOrderMark_IsNoPartOfTheJson() =>
        Assert.Equal(CallbackVerdict.Understood, Read((byte[])[0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(A)]).Verdict);

    // Half a surrogate pair in a text that nobody needs made the whole callback unreadable.
    [Fact]
    public void Read_HalfASurrogatePair_IsAnAbsentText()
    {
        var report = Read(A.Replace("\"Processed\"", "\"\\ud800\"", StringComparison.Ordinal)).Report;

        Assert.Equal(ReportedOutcome.Paid, report!.Outcome);
        Assert.False(report.Doubtful);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ResultCode=0&Amount=300")]
    [InlineData("{\"response\":{")]
    [InlineData("{} {}")]
    public void Read_NoJson_IsUnreadable(string body) => Assert.Equal(CallbackVerdict.Unreadable, Read(body).Verdict);

    [Fact]
    public void Read_NestedTooDeep_IsUnreadable() =>
        Assert.Equal(CallbackVerdict.Unreadable, Read("{\"response\":" + new string('[', 5000) + new string(']', 5000) + "}").Verdict);

    internal static IReadOnlyList<string> Samples => [A, B, Daraja];

    internal static CallbackReading Read(ReadOnlyMemory<byte> body) => new PayHeroProvider(null!, null!, null!, null!, null!).Read(body);

    private static CallbackReading Read(string body) => Read(Encoding.UTF8.GetBytes(body));

    private static PaymentReport Understood(string body)
    {
        var reading = Read(body);
        Assert.Equal(CallbackVerdict.Understood, reading.Verdict);
        return reading.Report!;
    }

    private static string Changed(string body, string written, string otherwise)
    {
        Assert.Contains(written, body, StringComparison.Ordinal);
        return body.Replace(written, otherwise, StringComparison.Ordinal);
    }

    private static void AssertMoney(PaymentReport report) => Assert.Equal(
        (ReportedOutcome.Paid, "UKL1A2B3C4", 300m, false, ReportSource.Callback, "payhero"),
        (report.Outcome, report.TransactionId, report.Amount, report.Doubtful, report.Source, report.Provider));
}
