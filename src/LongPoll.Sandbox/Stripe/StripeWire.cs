using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LongPoll.Sandbox.Pages;

namespace LongPoll.Sandbox.Stripe;

/// <summary>Stripe's objects and events, byte for byte, and its signature. The pretend Stripe and the tests send these.</summary>
public static class StripeWire
{
    /// <summary>The kinds of events about a session.</summary>
    public const string Completed = "checkout.session.completed";

    /// <summary>A method that takes days has brought its money.</summary>
    public const string Succeeded = "checkout.session.async_payment_succeeded";

    /// <summary>A method that takes days has failed.</summary>
    public const string AsyncFailed = "checkout.session.async_payment_failed";

    /// <summary>The session's time was over, or it was closed.</summary>
    public const string Expired = "checkout.session.expired";

    private static readonly CodeSequence EventIds = new(12);

    /// <summary>The session as an answer, with its page's address while it is open.</summary>
    public static byte[] Session(PayPage page, Uri? address, bool expanded) => Write(json => WriteSession(json, page, address, expanded));

    /// <summary>An event about a session.</summary>
    public static byte[] Event(string type, PayPage page) => Event(type, json => WriteSession(json, page, null, expanded: false));

    /// <summary><c>charge.refunded</c>: all that went back so far, in minor units.</summary>
    public static byte[] Refunded(PayPage page, long refunded) => Event("charge.refunded", json =>
    {
        json.WriteStartObject();
        json.WriteString("id", "ch_" + page.TransactionId);
        json.WriteString("object", "charge");
        json.WriteNumber("amount", page.PaidAmount ?? page.Amount);
        json.WriteNumber("amount_refunded", refunded);
        json.WriteString("currency", page.Currency.ToLowerInvariant());
        json.WriteString("payment_intent", page.TransactionId);
        json.WriteBoolean("refunded", refunded == (page.PaidAmount ?? page.Amount));
        json.WriteEndObject();
    });

    /// <summary>An event about a dispute, such as <c>charge.dispute.closed</c>.</summary>
    public static byte[] Dispute(string type, PayPage page, string status) => Event(type, json =>
    {
        json.WriteStartObject();
        json.WriteString("id", "dp_" + page.TransactionId);
        json.WriteString("object", "dispute");
        json.WriteNumber("amount", page.PaidAmount ?? page.Amount);
        json.WriteString("charge", "ch_" + page.TransactionId);
        json.WriteString("currency", page.Currency.ToLowerInvariant());
        json.WriteString("payment_intent", page.TransactionId);
        json.WriteString("status", status);
        json.WriteEndObject();
    });

    /// <summary>The header <c>Stripe-Signature</c> for these bytes.</summary>
    public static string Sign(byte[] body, string secret, DateTimeOffset at)
    {
        string time = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return $"t={time},v1={Mac(time, body, secret)}";
    }

    /// <summary>One <c>v1</c>.</summary>
    public static string Mac(string time, byte[] body, string secret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.ASCII.GetBytes(time + "."), .. body]));

    private static byte[] Event(string type, Action<Utf8JsonWriter> writeObject) => Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", "evt_" + EventIds.Next());
        json.WriteString("object", "event");
        json.WriteString("type", type);
        json.WriteBoolean("livemode", false);
        json.WriteString("api_version", "2024-06-20");
        json.WriteStartObject("data");
        json.WritePropertyName("object");
        writeObject(json);
        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteSession(Utf8JsonWriter json, PayPage page, Uri? address, bool expanded)
    {
        json.WriteStartObject();
        json.WriteString("id", page.Id);
        json.WriteString("object", "checkout.session");
        json.WriteString("client_reference_id", page.Reference);
        json.WriteStartObject("metadata");
        foreach ((string key, string value) in page.Metadata)
            json.WriteString(key, value);
        json.WriteEndObject();
        json.WriteNumber("amount_total", page.PaidAmount ?? page.Amount);
        json.WriteString("currency", page.Currency.ToLowerInvariant());
        json.WriteString("mode", "payment");
        WriteIntent(json, page, expanded);
        json.WriteString("payment_status", page.State == PageState.Paid ? "paid" : "unpaid");
        json.WriteString("status", page.State switch
        {
            PageState.Open or PageState.Cancelled => "open",
            PageState.Expired => "expired",
            _ => "complete",
        });
        json.WriteNumber("expires_at", page.OpenedAt.AddHours(24).ToUnixTimeSeconds());
        json.WriteBoolean("livemode", false);
        json.WriteString("url", page.State == PageState.Open ? address?.AbsoluteUri : null);
        json.WriteEndObject();
    }

    private static void WriteIntent(Utf8JsonWriter json, PayPage page, bool expanded)
    {
        string? id = page.TransactionId ?? (page.State is PageState.Delayed or PageState.Failed ? "pi_" + page.Id[3..] : null);
        if (id is null || !expanded)
        {
            json.WriteString("payment_intent", id);
            return;
        }

        json.WriteStartObject("payment_intent");
        json.WriteString("id", id);
        json.WriteString("object", "payment_intent");
        json.WriteString("status", page.State switch
        {
            PageState.Paid => "succeeded",
            PageState.Failed => "requires_payment_method",
            _ => "processing",
        });
        json.WriteEndObject();
    }

    private static byte[] Write(Action<Utf8JsonWriter> body)
    {
        ArrayBufferWriter<byte> bytes = new(1024);
        using (Utf8JsonWriter json = new(bytes))
            body(json);
        return bytes.WrittenSpan.ToArray();
    }
}
