using System.Text.Json.Serialization;
using LongPoll.Sandbox.PayHero;

namespace LongPoll.Sandbox.Phone;

/// <summary>An answer as scripts and the phone page send it.</summary>
internal sealed record AnswerRequest
{
    // Settable, not init-only: the source generator sets every init-only property, and a missing one would lose its default.
    [JsonRequired]
    public PromptAction Action { get; set; }

    /// <summary>The callback's body; the default is the sandbox's.</summary>
    public CallbackShape? Shape { get; set; }

    /// <summary>Milliseconds before the callback leaves, up to ten minutes.</summary>
    public int DelayMs { get; set; }

    /// <summary>Copies of the callback, 1 to 100.</summary>
    public int Times { get; set; } = 1;

    public string? Fault()
    {
        if (DelayMs is < 0 or > 600_000)
            return "delayMs must be 0 to 600000.";
        return Times is < 1 or > 100 ? "times must be 1 to 100." : null;
    }
}
