using System.Globalization;
using System.Text.Json.Serialization;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.Phone;

namespace LongPoll.Sandbox.PayHero;

/// <summary>The answer of the status query: the documented fields, so neither an amount nor a result code.</summary>
internal sealed record TransactionStatus
{
    [JsonPropertyName("transaction_date")]
    public required string TransactionDate { get; init; }

    [JsonPropertyName("provider")]
    public required string Provider { get; init; }

    [JsonPropertyName("success")]
    public required bool Success { get; init; }

    [JsonPropertyName("merchant")]
    public required string Merchant { get; init; }

    [JsonPropertyName("payment_reference")]
    public required string PaymentReference { get; init; }

    [JsonPropertyName("third_party_reference")]
    public required string ThirdPartyReference { get; init; }

    [JsonPropertyName("status")]
    public required string Status { get; init; }

    [JsonPropertyName("reference")]
    public required string Reference { get; init; }

    [JsonPropertyName("CheckoutRequestID")]
    public required string CheckoutRequestId { get; init; }

    [JsonPropertyName("provider_reference")]
    public required string ProviderReference { get; init; }

    public const string Failed = "FAILED";

    /// <summary>What the query says: the truth, unless it is to lie about a prompt that has ended.</summary>
    public static TransactionStatus Of(Prompt prompt, string merchant, QueryBehaviour queries = QueryBehaviour.Honest)
    {
        PaymentOutcome? outcome = prompt.Outcome;

        // A prompt that ran out and will be paid late has not ended at PayHero: "cannot be reached" is no last word.
        if (queries == QueryBehaviour.Queued || (outcome is { ResultCode: 1037 } && prompt.Answer is { Faults.LateSuccess: not null }))
            outcome = null;
        else if (queries == QueryBehaviour.Failed && outcome is { Paid: true })
            outcome = PaymentOutcome.Cancelled(outcome.At);
        return new TransactionStatus
        {
            TransactionDate = (outcome?.At ?? prompt.Push.PushedAt).UtcDateTime
                .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            Provider = "m-pesa",
            Success = outcome is { Paid: true },
            Merchant = merchant,
            PaymentReference = prompt.Push.ExternalReference,
            ThirdPartyReference = "",
            Status = outcome switch { null => "QUEUED", { Paid: true } => "SUCCESS", _ => Failed },
            Reference = prompt.Push.Reference,
            CheckoutRequestId = prompt.Push.CheckoutRequestId,
            ProviderReference = outcome?.Receipt ?? "",
        };
    }
}
