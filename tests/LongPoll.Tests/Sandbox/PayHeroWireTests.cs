using System.Text;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Sandbox;

public sealed class PayHeroWireTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 20, 22, 15, 45, TimeSpan.Zero);

    private static readonly PayHeroPush Push = new()
    {
        Reference = "Q1W2E3R4T5",
        CheckoutRequestId = "ws_CO_1",
        MerchantRequestId = "m-1",
        ExternalReference = "ORD-42-P1",
        Amount = 300,
        Phone = "0712345678",
        ChannelId = 133,
        PushedAt = At,
    };

    private static readonly PaymentOutcome Paid = new(0, "Processed", "UKL1A2B3C4", At);

    [Theory]
    [InlineData(CallbackShape.A, """{"status":true,"forward_url":"","response":{"MerchantRequestID":"m-1","CheckoutRequestID":"ws_CO_1","ResultCode":0,"ResultDesc":"Processed","Status":"Success","Amount":300,"MpesaReceiptNumber":"UKL1A2B3C4","Phone":"0712345678","ExternalReference":"ORD-42-P1","ServiceWalletBalance":0,"PaymentWalletBalance":0}}""")]
    [InlineData(CallbackShape.B, """{"success":true,"status":"success","message":"Processed","reference":"Q1W2E3R4T5","external_reference":"ORD-42-P1","amount":300,"currency":"KES","transaction_id":"Q1W2E3R4T5","transaction_date":"2026-11-20T22:15:45Z","transaction_type":"inbound_payment","provider_reference":"UKL1A2B3C4","provider":"mpesa_dc","callback_urls":null}""")]
    [InlineData(CallbackShape.Daraja, """{"Body":{"stkCallback":{"MerchantRequestID":"m-1","CheckoutRequestID":"ws_CO_1","ResultCode":0,"ResultDesc":"Processed","CallbackMetadata":{"Item":[{"Name":"Amount","Value":300.0},{"Name":"MpesaReceiptNumber","Value":"UKL1A2B3C4"},{"Name":"Balance"},{"Name":"TransactionDate","Value":20261121011545},{"Name":"PhoneNumber","Value":254712345678}]}}}}""")]
    public void Money_in_each_shape(CallbackShape shape, string body)
    {
        Assert.Equal(body, Encoding.UTF8.GetString(PayHeroWire.Callback(shape, Push, Paid)));
    }

    [Theory]
    [InlineData(CallbackShape.A, """{"status":true,"forward_url":"","response":{"MerchantRequestID":"m-1","CheckoutRequestID":"ws_CO_1","ResultCode":1032,"ResultDesc":"Request Cancelled by user.","Status":"Failed","Amount":300,"MpesaReceiptNumber":"","Phone":"0712345678","ExternalReference":"ORD-42-P1","ServiceWalletBalance":0,"PaymentWalletBalance":0}}""")]
    [InlineData(CallbackShape.B, """{"success":false,"status":"failed","message":"Request Cancelled by user.","reference":"Q1W2E3R4T5","external_reference":"ORD-42-P1","amount":300,"currency":"KES","transaction_id":"Q1W2E3R4T5","transaction_date":"2026-11-20T22:15:45Z","transaction_type":"inbound_payment","provider_reference":"","provider":"mpesa_dc","callback_urls":null}""")]
    [InlineData(CallbackShape.Daraja, """{"Body":{"stkCallback":{"MerchantRequestID":"m-1","CheckoutRequestID":"ws_CO_1","ResultCode":1032,"ResultDesc":"Request Cancelled by user."}}}""")]
    public void A_cancel_in_each_shape(CallbackShape shape, string body)
    {
        Assert.Equal(body, Encoding.UTF8.GetString(PayHeroWire.Callback(shape, Push, PaymentOutcome.Cancelled(At))));
    }

    [Fact]
    public void Receipts_carry_the_day_in_Nairobi_and_never_repeat()
    {
        // With seven random characters, some run of 100,000 receipts in sixteen had two alike: a duplicate payment to the server.
        HashSet<string> receipts = [];
        for (int i = 0; i < 100_000; i++)
            Assert.True(receipts.Add(PaymentOutcome.Success(At).Receipt!));

        Assert.All(receipts.Take(10), receipt => Assert.Matches("^UKL[0-9A-Z]{7}$", receipt));
    }
}
