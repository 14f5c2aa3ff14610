using System.Text.Json.Serialization;
using LongPoll.Sandbox.Phone;

namespace LongPoll.Sandbox.PayHero;

/// <summary>The body of a push.</summary>
internal sealed record PushRequest
{
    [JsonPropertyName("amount")]
    public decimal? Amount { get; init; }

    [JsonPropertyName("phone_number")]
    public string? PhoneNumber { get; init; }

    [JsonPropertyName("channel_id")]
    public long? ChannelId { get; init; }

    [JsonPropertyName("provider")]
    public string? Provider { get; init; }

    [JsonPropertyName("external_reference")]
    public string? ExternalReference { get; init; }

    [JsonPropertyName("customer_name")]
    public string? CustomerName { get; init; }

    [JsonPropertyName("callback_url")]
    public string? CallbackUrl { get; init; }

    /// <summary>The first thing that PayHero would refuse, or null.</summary>
    public string? Fault()
    {
        if (Amount is null or < 1 || Amount != decimal.Truncate(Amount.Value))
            return "amount must be a whole number of at least 1";
        if (PhoneNumber is null || Msisdn.From(PhoneNumber) is null)
            return "phone_number is not valid";
        if (ChannelId is null or < 1)
            return "channel_id is required";
        if (Provider is not "m-pesa")
            return "provider must be m-pesa";
        if (!string.IsNullOrEmpty(CallbackUrl) && CallbackAddress is null)
            return "callback_url must be an absolute http or https address";
        return null;
    }

    [JsonIgnore]
    public Uri? CallbackAddress =>
        Uri.TryCreate(CallbackUrl, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? address : null;
}

/// <summary>A push that was accepted; the prompt is on its way, no money has moved.</summary>
internal sealed record PushAccepted(
    [property: JsonPropertyName("success")] bool Success,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("reference")] string Reference,
    [property: JsonPropertyName("CheckoutRequestID")] string CheckoutRequestId);

/// <summary>The one shape of PayHero's refusals that carries a code.</summary>
internal sealed record PayHeroError(
    [property: JsonPropertyName("error_code")] string Code,
    [property: JsonPropertyName("error_message")] string Message,
    [property: JsonPropertyName("status_code")] int Status);
