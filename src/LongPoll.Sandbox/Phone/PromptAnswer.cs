using System.Text.Json.Serialization;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.PayHero;

namespace LongPoll.Sandbox.Phone;

/// <summary>What the person with the phone does.</summary>
[JsonConverter(typeof(SnakeCaseEnum<PromptAction>))]
internal enum PromptAction
{
    /// <summary>Enters the right PIN: money moves.</summary>
    Pin,

    /// <summary>Presses Cancel: 1032.</summary>
    Cancel,

    /// <summary>Does nothing; the prompt lapses when its life is over: 1037.</summary>
    Ignore,

    /// <summary>Enters the PIN, but the balance is too low: 1.</summary>
    InsufficientFunds,

    /// <summary>Enters a wrong PIN: 2001.</summary>
    WrongPin,
}

/// <summary>An answer and how its callback travels.</summary>
/// <param name="Action">What the person did.</param>
/// <param name="Shape">The body of the callback.</param>
/// <param name="Delay">How long the callback is held back; the status query knows the outcome at once.</param>
/// <param name="Times">How many copies are sent, one after the other.</param>
internal sealed record PromptAnswer(PromptAction Action, CallbackShape Shape, TimeSpan Delay, int Times)
{
    public CallbackFaults Faults { get; init; } = CallbackFaults.None;
}

/// <summary>The outcome of the newest try of a callback.</summary>
/// <param name="Shape">The body that was sent.</param>
/// <param name="Copy">Which copy it was, counted from 1.</param>
/// <param name="Try">Which try of that copy it was, counted from 1.</param>
/// <param name="Status">The HTTP status of the answer; null when there was none.</param>
/// <param name="Answer">The beginning of the answer's body; null when there was none.</param>
/// <param name="Error">Why there was no answer; null when there was one.</param>
/// <param name="At">When the try ended.</param>
internal sealed record CallbackTry(
    CallbackShape Shape, int Copy, int Try, int? Status, string? Answer, string? Error, DateTimeOffset At);
