using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Providers.PayHero;

/// <summary>
/// Reads the three forms in which the result of an STK push arrives: PayHero's envelope with <c>response</c>,
/// PayHero's flat body, and Safaricom's own <c>Body.stkCallback</c>.
/// </summary>
internal static class PayHeroCallback
{
    private const int LongestText = 200;
    private const int LongestReceipt = 64;

    /// <summary>Null when the body is a JSON object of none of these forms, or not about money that comes in.</summary>
    public static PaymentReport? Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (Object(body, "Body") is { } daraja && Object(daraja, "stkCallback") is { } stk)
        {
            return ReadDaraja(stk);
        }

        return (Object(body, "response") ?? Object(body, "Response")) is { } envelope ? ReadCoded(envelope)
            : Has(body, "ResultCode") ? ReadCoded(body)
            : Has(body, "external_reference") || Has(body, "provider_reference") || Has(body, "success") ? ReadFlat(body)
            : null;
    }

    /// <summary>Digest of a CheckoutRequestID: enough to match it, without keeping the phone number at its end.</summary>
    public static string? CheckoutDigest(string? checkoutRequestId) =>
        checkoutRequestId is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(checkoutRequestId)).AsSpan(0, 16));

    private static PaymentReport ReadDaraja(JsonElement stk)
    {
        decimal? amount = null;
        string? receipt = null;
        if (Object(stk, "CallbackMetadata") is { } metadata && metadata.TryGetProperty("Item", out var items) && items.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in items.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.Object))
            {
                switch (Text(item, "Name"))
                {
                    case "Amount":
                        amount = Number(item, "Value");
                        break;
                    case "MpesaReceiptNumber":
                        receipt = Receipt(item, "Value");
                        break;
                }
            }
        }

        return ByCode(Text(stk, "ResultCode"), Text(stk, "ResultDesc"), status: null, receipt) with
        {
            Clues = new AttemptClues { CheckoutDigest = CheckoutDigest(Text(stk, "CheckoutRequestID")) },
            Amount = amount,
        };
    }

    private static PaymentReport ReadCoded(JsonElement response) =>
        ByCode(Text(response, "ResultCode"), Text(response, "ResultDesc"), Text(response, "Status"), Receipt(response, "MpesaReceiptNumber")) with
        {
            Clues = new AttemptClues
            {
                Reference = Text(response, "ExternalReference"),
                CheckoutDigest = CheckoutDigest(Text(response, "CheckoutRequestID")),
            },
            Amount = Number(response, "Amount"),
        };

    private static PaymentReport ByCode(string? code, string? description, string? status, string? receipt)
    {
        var saysSuccess = Is(status, "success");
        if (code is null)
        {
            // No code is no change of state. If money is claimed all the same, PayHero is asked.
            return saysSuccess || receipt is not null
                ? Report(ReportedOutcome.Paid) with { TransactionId = receipt, Doubtful = true }
                : Report(ReportedOutcome.Pending);
        }

        var (outcome, reason) = PayHeroResultCodes.Read(code, description);
        var contradicts = status is not null && saysSuccess != (outcome == ReportedOutcome.Paid) && outcome != ReportedOutcome.Pending;
        return (outcome, contradicts) switch
        {
            (ReportedOutcome.Paid, _) or (_, true) => Report(ReportedOutcome.Paid) with { TransactionId = receipt, Code = code, Doubtful = contradicts },
            _ => Report(outcome) with { Reason = reason, Code = code },
        };
    }

    private static PaymentReport? ReadFlat(JsonElement body)
    {
        // Money that goes out is not the payment of an order.
        if (Text(body, "transaction_type") is { } type && !Is(type, "inbound_payment"))
        {
            return null;
        }

        var clues = new AttemptClues { Reference = Text(body, "external_reference"), ProviderReference = Text(body, "reference") };
        var status = Text(body, "status");
        bool? success = body.TryGetProperty("success", out var flag) && flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : null;
        var message = Text(body, "message");

        if (Is(status, "success") || success == true)
        {
            return Report(ReportedOutcome.Paid) with
            {
                Clues = clues,
                TransactionId = Receipt(body, "provider_reference"),
                Amount = Number(body, "amount"),
                Currency = Text(body, "currency"),
                Doubtful = success == false || (status is not null && !Is(status, "success")),
            };
        }

        if (!Is(status, "failed"))
        {
            return Report(ReportedOutcome.Pending) with { Clues = clues };
        }

        return PayHeroResultCodes.SaysCancelled(message)
            ? Report(ReportedOutcome.Cancelled) with { Clues = clues, Reason = Reasons.CancelledByBuyer }
            : Report(ReportedOutcome.Failed) with { Clues = clues, Reason = Reasons.ProviderError };
    }

    private static PaymentReport Report(ReportedOutcome outcome) =>
        new() { Provider = PayHeroProvider.ProviderName, Source = ReportSource.Callback, Outcome = outcome };

    private static bool Is(string? text, string word) => string.Equals(text, word, StringComparison.OrdinalIgnoreCase);

    private static bool Has(JsonElement element, string name) => element.TryGetProperty(name, out _);

    private static JsonElement? Object(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    /// <summary>A string or a number as text. Empty is absent, and so is what no database column takes: a NUL, or thousands of signs for an id.</summary>
    private static string? Text(JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value))
        {
            return null;
        }

        var text = value.ValueKind switch
        {
            JsonValueKind.String => String(value).Trim(),
            JsonValueKind.Number => value.TryGetDecimal(out var number) && number == decimal.Truncate(number)
                ? decimal.Truncate(number).ToString(CultureInfo.InvariantCulture)
                : value.GetRawText(),
            _ => "",
        };
        return text.Length is > 0 and <= LongestText && !text.Contains('\0', StringComparison.Ordinal) ? text : null;
    }

    /// <summary>Text; what is no text, such as half a surrogate pair, is none.</summary>
    private static string String(JsonElement value)
    {
        try
        {
            return value.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    /// <summary>A receipt is letters, digits and a few signs. Anything else is no receipt, and the provider is asked.</summary>
    private static string? Receipt(JsonElement element, string name) =>
        Text(element, name) is { Length: <= LongestReceipt } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-') ? text : null;

    private static decimal? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value)
            ? value.ValueKind switch
            {
                JsonValueKind.Number when value.TryGetDecimal(out var number) => number,
                JsonValueKind.String when decimal.TryParse(String(value), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
                _ => null,
            }
            : null;
}
