using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LongPoll.Sandbox.Pages;

namespace LongPoll.Sandbox.PhonePe;

/// <summary>PhonePe's answers, callbacks and proofs, byte for byte. The pretend PhonePe and the tests send these.</summary>
public static class PhonePeWire
{
    /// <summary>v1's answer to a status query; what a callback encloses.</summary>
    public static byte[] Status(PayPage page, string? code = null) => Write(json =>
    {
        string said = code ?? Code(page.State);
        json.WriteBoolean("success", said == "PAYMENT_SUCCESS");
        json.WriteString("code", said);
        json.WriteString("message", "");
        json.WriteStartObject("data");
        json.WriteString("merchantId", page.MerchantId);
        json.WriteString("merchantTransactionId", page.Id);
        json.WriteString("transactionId", page.TransactionId ?? "T" + page.Id);
        json.WriteNumber("amount", page.PaidAmount ?? page.Amount);
        json.WriteString("state", said switch { "PAYMENT_SUCCESS" => "COMPLETED", "PAYMENT_PENDING" => "PENDING", _ => "FAILED" });
        json.WriteString("responseCode", said == "PAYMENT_SUCCESS" ? "SUCCESS" : said);
        json.WriteEndObject();
    });

    /// <summary>v1's answer about a refund of this many paise.</summary>
    public static byte[] RefundStatus(PayPage page, string refundId, long amount) => Write(json =>
    {
        json.WriteBoolean("success", true);
        json.WriteString("code", "PAYMENT_SUCCESS");
        json.WriteStartObject("data");
        json.WriteString("merchantId", page.MerchantId);
        json.WriteString("merchantTransactionId", refundId);
        json.WriteString("transactionId", "TR" + refundId);
        json.WriteNumber("amount", amount);
        json.WriteString("state", "COMPLETED");
        json.WriteEndObject();
    });

    /// <summary>An answer without data, such as TRANSACTION_NOT_FOUND.</summary>
    public static byte[] Refusal(string code) => Write(json =>
    {
        json.WriteBoolean("success", false);
        json.WriteString("code", code);
        json.WriteString("message", "");
    });

    /// <summary>The answer to a request for a pay page.</summary>
    public static byte[] Initiated(PayPage page, Uri address) => Write(json =>
    {
        json.WriteBoolean("success", true);
        json.WriteString("code", "PAYMENT_INITIATED");
        json.WriteString("message", "Payment initiated");
        json.WriteStartObject("data");
        json.WriteString("merchantId", page.MerchantId);
        json.WriteString("merchantTransactionId", page.Id);
        json.WriteStartObject("instrumentResponse");
        json.WriteString("type", "PAY_PAGE");
        json.WriteStartObject("redirectInfo");
        json.WriteString("url", address.AbsoluteUri);
        json.WriteString("method", "GET");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>v1's callback around an answer.</summary>
    public static byte[] Callback(byte[] status) => Write(json => json.WriteString("response", Convert.ToBase64String(status)));

    /// <summary>The header <c>X-VERIFY</c> for a callback around this answer.</summary>
    public static string Verify(byte[] status, string saltKey, string index = "1") => Verify(Convert.ToBase64String(status), saltKey, index);

    /// <summary>The header <c>X-VERIFY</c> for a text.</summary>
    public static string Verify(string text, string saltKey, string index = "1") => $"{Hex(text + saltKey)}###{index}";

    /// <summary>v2's webhook about an order; the event follows from the state.</summary>
    public static byte[] Webhook(PayPage page, string? kind = null) => Write(json =>
    {
        bool paid = page.State == PageState.Paid;
        string state = paid ? "COMPLETED" : page.State is PageState.Open or PageState.Delayed ? "PENDING" : "FAILED";
        json.WriteString("event", kind ?? (paid ? "checkout.order.completed" : "checkout.order.failed"));
        json.WriteStartObject("payload");
        json.WriteString("merchantId", page.MerchantId);
        json.WriteString("merchantOrderId", page.Id);
        json.WriteString("orderId", "OMO" + page.Id);
        json.WriteString("state", state);
        json.WriteNumber("amount", page.PaidAmount ?? page.Amount);
        json.WriteNumber("expireAt", page.OpenedAt.AddMinutes(20).ToUnixTimeMilliseconds());
        json.WriteStartArray("paymentDetails");
        json.WriteStartObject();
        json.WriteString("transactionId", page.TransactionId ?? "T" + page.Id);
        json.WriteString("paymentMode", "UPI_QR");
        json.WriteNumber("amount", page.PaidAmount ?? page.Amount);
        json.WriteString("state", state);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>v2's webhook about a refund of this many paise.</summary>
    public static byte[] Refunded(PayPage page, string refundId, long amount) => Write(json =>
    {
        json.WriteString("event", "pg.refund.completed");
        json.WriteStartObject("payload");
        json.WriteString("merchantId", page.MerchantId);
        json.WriteString("merchantRefundId", refundId);
        json.WriteString("originalMerchantOrderId", page.Id);
        json.WriteNumber("amount", amount);
        json.WriteString("state", "COMPLETED");
        json.WriteEndObject();
    });

    /// <summary>The header <c>Authorization</c> of v2's webhook: a digest, not Basic.</summary>
    public static string Authorization(string user, string password) => Hex($"{user}:{password}");

    /// <summary>v1's code for where a page stands.</summary>
    public static string Code(PageState state) => state switch
    {
        PageState.Paid => "PAYMENT_SUCCESS",
        PageState.Failed => "PAYMENT_ERROR",
        PageState.Cancelled => "PAYMENT_CANCELLED",
        PageState.Expired => "TIMED_OUT",
        _ => "PAYMENT_PENDING",
    };

    private static string Hex(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static byte[] Write(Action<Utf8JsonWriter> body)
    {
        ArrayBufferWriter<byte> bytes = new(1024);
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            body(json);
            json.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }
}
