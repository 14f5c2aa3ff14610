using System.Text.Json.Serialization;
using LongPoll.Sandbox.PayHero;

namespace LongPoll.Sandbox.Phone;

/// <summary>Where a prompt stands.</summary>
[JsonConverter(typeof(SnakeCaseEnum<PromptState>))]
internal enum PromptState
{
    /// <summary>On the phone, nobody has answered.</summary>
    Waiting,

    /// <summary>Put aside; it ends when its life is over.</summary>
    Ignored,

    /// <summary>Answered or lapsed.</summary>
    Answered,
}

/// <summary>A prompt as the phone page and scripts read it.</summary>
internal sealed record PromptView
{
    public required string Reference { get; init; }

    public required string CheckoutRequestId { get; init; }

    public required string ExternalReference { get; init; }

    public required string Phone { get; init; }

    public required long Amount { get; init; }

    public required string Currency { get; init; }

    public required string? CustomerName { get; init; }

    public required Uri? CallbackUrl { get; init; }

    public required PromptState State { get; init; }

    public required DateTimeOffset PushedAt { get; init; }

    public required DateTimeOffset? LapsesAt { get; init; }

    public required PromptAction? Action { get; init; }

    public required PaymentOutcome? Outcome { get; init; }

    /// <summary>The newest try of the callback; null until there was one.</summary>
    public required CallbackTry? Callback { get; init; }

    public static PromptView Of(Prompt prompt)
    {
        PaymentOutcome? outcome = prompt.Outcome;
        return new PromptView
        {
            Reference = prompt.Push.Reference,
            CheckoutRequestId = prompt.Push.CheckoutRequestId,
            ExternalReference = prompt.Push.ExternalReference,
            Phone = prompt.Msisdn,
            Amount = prompt.Push.Amount,
            Currency = "KES",
            CustomerName = prompt.Push.CustomerName,
            CallbackUrl = prompt.Push.CallbackUrl,
            State = outcome is not null ? PromptState.Answered
                : prompt.Answer is { Action: PromptAction.Ignore } ? PromptState.Ignored
                : PromptState.Waiting,
            PushedAt = prompt.Push.PushedAt,
            LapsesAt = prompt.LapsesAt,
            Action = prompt.Answer?.Action,
            Outcome = outcome,
            Callback = prompt.Callback,
        };
    }
}
