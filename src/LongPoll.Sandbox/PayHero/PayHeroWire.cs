using System.Buffers;
using System.Globalization;
using System.Text.Json;
using LongPoll.Sandbox.Phone;

namespace LongPoll.Sandbox.PayHero;

/// <summary>
/// The callback bodies, byte for byte. The pretend provider, the tests and the load tests all send these, so that a
/// change of the wire is made once.
/// </summary>
public static class PayHeroWire
{
    /// <summary>The callback in the named shape.</summary>
    public static byte[] Callback(CallbackShape shape, PayHeroPush push, PaymentOutcome outcome) => shape switch
    {
        CallbackShape.A => ShapeA(push, outcome),
        CallbackShape.B => ShapeB(push, outcome),
        CallbackShape.Daraja => Daraja(push, outcome),
        _ => throw new ArgumentOutOfRangeException(nameof(shape), shape, "No such callback shape."),
    };

    /// <summary>The envelope captured live; <c>status</c> is the envelope's flag and true for failures as well.</summary>
    public static byte[] ShapeA(PayHeroPush push, PaymentOutcome outcome) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("status", true);
        json.WriteString("forward_url", "");
        json.WriteStartObject("response");
        json.WriteString("MerchantRequestID", push.MerchantRequestId);
        json.WriteString("CheckoutRequestID", push.CheckoutRequestId);
        json.WriteNumber("ResultCode", outcome.ResultCode);
        json.WriteString("ResultDesc", outcome.ResultDesc);
        json.WriteString("Status", outcome.Paid ? "Success" : "Failed");
        json.WriteNumber("Amount", outcome.PaidAmount ?? push.Amount);
        json.WriteString("MpesaReceiptNumber", outcome.Receipt ?? "");
        json.WriteString("Phone", push.Phone);
        json.WriteString("ExternalReference", push.ExternalReference);
        json.WriteNumber("ServiceWalletBalance", 0);
        json.WriteNumber("PaymentWalletBalance", 0);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>The flat body: no result code and no CheckoutRequestID.</summary>
    public static byte[] ShapeB(PayHeroPush push, PaymentOutcome outcome) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("success", outcome.Paid);
        json.WriteString("status", outcome.Paid ? "success" : "failed");
        json.WriteString("message", outcome.ResultDesc);
        json.WriteString("reference", push.Reference);
        json.WriteString("external_reference", push.ExternalReference);
        json.WriteNumber("amount", outcome.PaidAmount ?? push.Amount);
        json.WriteString("currency", "KES");
        json.WriteString("transaction_id", push.Reference);
        json.WriteString("transaction_date", outcome.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteString("transaction_type", "inbound_payment");
        json.WriteString("provider_reference", outcome.Receipt ?? "");
        json.WriteString("provider", "mpesa_dc");
        json.WriteNull("callback_urls");
        json.WriteEndObject();
    });

    /// <summary>Safaricom's own body; the metadata stands there only when money moved.</summary>
    public static byte[] Daraja(PayHeroPush push, PaymentOutcome outcome) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("Body");
        json.WriteStartObject("stkCallback");
        json.WriteString("MerchantRequestID", push.MerchantRequestId);
        json.WriteString("CheckoutRequestID", push.CheckoutRequestId);
        json.WriteNumber("ResultCode", outcome.ResultCode);
        json.WriteString("ResultDesc", outcome.ResultDesc);
        if (outcome.Paid)
            WriteMetadata(json, push, outcome);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteMetadata(Utf8JsonWriter json, PayHeroPush push, PaymentOutcome outcome)
    {
        json.WriteStartObject("CallbackMetadata");
        json.WriteStartArray("Item");
        WriteItem(json, "Amount", value => value.WriteNumber("Value", decimal.Add(outcome.PaidAmount ?? push.Amount, 0.0m)));
        WriteItem(json, "MpesaReceiptNumber", value => value.WriteString("Value", outcome.Receipt));
        WriteItem(json, "Balance", static _ => { });
        WriteItem(json, "TransactionDate", value => value.WriteNumber("Value", NairobiNumber(outcome.At)));
        WriteItem(json, "PhoneNumber", value => value.WriteNumber("Value", MsisdnNumber(push.Phone)));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteItem(Utf8JsonWriter json, string name, Action<Utf8JsonWriter> writeValue)
    {
        json.WriteStartObject();
        json.WriteString("Name", name);
        writeValue(json);
        json.WriteEndObject();
    }

    private static long NairobiNumber(DateTimeOffset at) => long.Parse(
        NairobiTime.From(at).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static long MsisdnNumber(string phone) =>
        long.TryParse(Msisdn.From(phone), CultureInfo.InvariantCulture, out long number) ? number : 0;

    private static byte[] Write(Action<Utf8JsonWriter> body)
    {
        ArrayBufferWriter<byte> bytes = new(512);
        using (Utf8JsonWriter json = new(bytes))
            body(json);
        return bytes.WrittenSpan.ToArray();
    }
}
