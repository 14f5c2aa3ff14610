using System.Text.Json.Serialization;
using LongPoll.Sandbox.Faults;
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

    /// <summary>The callback never leaves.</summary>
    public bool Lost { get; set; }

    /// <summary>The copies leave at the same moment.</summary>
    public bool Together { get; set; }

    /// <summary>A report that comes after the final one.</summary>
    public StaleReport Stale { get; set; }

    /// <summary>A callback that somebody else sends.</summary>
    public Forgery Forged { get; set; }

    /// <summary>Shillings that are paid more or less than asked for.</summary>
    public long AmountOff { get; set; }

    /// <summary>Milliseconds after an end without money at which money moves all the same; 0 for never, up to ten minutes.</summary>
    public int LateSuccessMs { get; set; }

    public PromptAnswer ToAnswer(CallbackShape fallback) => new(Action, Shape ?? fallback, TimeSpan.FromMilliseconds(DelayMs), Times)
    {
        Faults = new CallbackFaults
        {
            Lost = Lost,
            Together = Together,
            Stale = Stale,
            Forged = Forged,
            AmountOff = AmountOff,
            LateSuccess = LateSuccessMs > 0 ? TimeSpan.FromMilliseconds(LateSuccessMs) : null,
        },
    };

    public string? Fault()
    {
        if (LateSuccessMs is < 0 or > 600_000)
            return "lateSuccessMs must be 0 to 600000.";
        if (DelayMs is < 0 or > 600_000)
            return "delayMs must be 0 to 600000.";
        return Times is < 1 or > 100 ? "times must be 1 to 100." : null;
    }
}
