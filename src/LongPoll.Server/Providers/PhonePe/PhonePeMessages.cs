using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Providers.PhonePe;

/// <summary>Reads what PhonePe says of a payment: v1's answer (the same in a callback and to a question), and v2's webhook.</summary>
internal static class PhonePeMessages
{
    private const string Rupee = "INR";
    private const decimal PaisePerRupee = 100;

    // The references that we give are an order's number, -P and the number of the attempt.
    private const int OrderNumberLength = 8;

    /// <summary>The base64 text of a v1 callback, which its signature is over; null when the body is none.</summary>
    public static string? Enclosed(JsonElement body) =>
        body.TryGetProperty("response", out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>The JSON within a v1 callback; null when there is none.</summary>
    public static JsonElement? Open(string enclosed)
    {
        try
        {
            return Base64.IsValid(enclosed) ? ProviderJson.Parse(Convert.FromBase64String(enclosed)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What v1 says; null when it is about another merchant's payment, or about none.</summary>
    public static PaymentReport? ReadAnswer(JsonElement answer, string? merchantId, ReportSource source)
    {
        if (answer.Text("code") is not { } code || PhonePeCodes.IsOurFault(code))
        {
            return null;
        }

        var data = answer.Object("data");
        if (data?.Text("merchantId") is { } merchant && merchant != merchantId)
        {
            return null;
        }

        var (outcome, reason) = PhonePeCodes.Read(code);
        return new PaymentReport
        {
            Provider = PhonePeProvider.ProviderName,
            Source = source,
            Outcome = outcome,
            Reason = reason,
            Code = code,
            Clues = new AttemptClues { Reference = data?.Text("merchantTransactionId") },
            TransactionId = outcome == ReportedOutcome.Paid ? data?.Id("transactionId") : null,
            Amount = data?.Whole("amount") / PaisePerRupee,
            Currency = Rupee,

            // The code decides; a state that says otherwise only makes us ask.
            Doubtful = outcome == ReportedOutcome.Paid && data?.Text("state") is { } state && state != "COMPLETED",
        };
    }

    /// <summary>What v2 says, of which nothing is proven; null when it is about no payment of an order.</summary>
    public static PaymentReport? ReadWebhook(JsonElement body, string? merchantId)
    {
        if (body.Object("payload") is not { } payload || (payload.Text("merchantId") is { } merchant && merchant != merchantId))
        {
            return null;
        }

        var kind = body.Text("event") ?? "";
        if (kind.StartsWith("pg.refund.", StringComparison.Ordinal))
        {
            return kind == "pg.refund.completed" ? ReadRefund(payload, kind) : null;
        }

        // One try on PhonePe's page failed; the next may succeed.
        if (kind.StartsWith("pg.transaction.", StringComparison.Ordinal) || payload.Text("merchantOrderId") is not { } reference)
        {
            return null;
        }

        var paid = payload.Text("state") == "COMPLETED";
        return new PaymentReport
        {
            Provider = PhonePeProvider.ProviderName,
            Source = ReportSource.Callback,
            Outcome = paid ? ReportedOutcome.Paid : payload.Text("state") == "FAILED" ? ReportedOutcome.Hinted : ReportedOutcome.Pending,
            Code = kind,
            Clues = new AttemptClues { Reference = reference },
            TransactionId = paid ? payload.Objects("paymentDetails").Where(p => p.Text("state") == "COMPLETED").Select(p => p.Id("transactionId")).FirstOrDefault(id => id is not null) : null,
            Doubtful = true,
        };
    }

    private static PaymentReport? ReadRefund(JsonElement payload, string kind) =>
        payload.Text("originalMerchantOrderId") is { } reference && payload.Id("merchantRefundId") is { } refund && !IsPayment(refund) && payload.Whole("amount") is > 0 and var amount
            ? new PaymentReport
            {
                Provider = PhonePeProvider.ProviderName,
                Source = ReportSource.Callback,
                Outcome = ReportedOutcome.Refunded,
                Code = kind,
                Clues = new AttemptClues { Reference = reference },
                Currency = Rupee,
                Refund = new RefundClaim(refund, amount / PaisePerRupee, InAll: false),
                Doubtful = true,
            }
            : null;

    // PhonePe answers about payments and refunds alike: a payment's own success must not pass for a refund's.
    private static bool IsPayment(string id) => id.IndexOf("-P", StringComparison.Ordinal) == OrderNumberLength
        && id.AsSpan(OrderNumberLength + 2) is { Length: > 0 } number && !number.ContainsAnyExceptInRange('0', '9');

    /// <summary>What v1 says of a refund that was asked about; null unless it is done.</summary>
    public static PaymentReport? ReadRefundAnswer(JsonElement answer, string? merchantId, Attempt attempt, string refundId) =>
        ReadAnswer(answer, merchantId, ReportSource.Query) is { Outcome: ReportedOutcome.Paid, Doubtful: false, Amount: { } amount } report
            && report.Clues.Reference == refundId
            ? report with
            {
                Outcome = ReportedOutcome.Refunded,
                TransactionId = null,
                Clues = new AttemptClues { AttemptId = attempt.AttemptId },
                Refund = new RefundClaim(refundId, amount, InAll: false),
            }
            : null;

    /// <summary>The JSON that asks for a pay page, enclosed as v1 wants it.</summary>
    public static string Enclose(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Convert.ToBase64String(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>The body around it.</summary>
    public static byte[] Request(string enclosed) => Encoding.ASCII.GetBytes($$"""{"request":"{{enclosed}}"}""");
}
