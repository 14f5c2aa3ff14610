using System.Collections.Concurrent;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.PayHero;

namespace LongPoll.Sandbox.Phone;

/// <summary>A question on the pretend phone: pay this or not. Safe to use from several threads.</summary>
public sealed class Prompt
{
    private PromptAnswer? _answer;
    private PaymentOutcome? _outcome;
    private CallbackTry? _callback;
    private long _failureToldAt;

    internal Prompt(PayHeroPush push, TimeSpan life)
    {
        Push = push;
        Msisdn = Phone.Msisdn.From(push.Phone) ?? push.Phone;
        LapsesAt = life == Timeout.InfiniteTimeSpan ? null : push.PushedAt + life;
    }

    /// <summary>The push that brought the prompt.</summary>
    public PayHeroPush Push { get; }

    /// <summary>The phone as 254 and nine digits, however the push wrote it.</summary>
    public string Msisdn { get; }

    /// <summary>When the prompt goes away unanswered; null for never.</summary>
    public DateTimeOffset? LapsesAt { get; }

    /// <summary>How the payment ended; null while it has not.</summary>
    public PaymentOutcome? Outcome => Volatile.Read(ref _outcome);

    internal PromptAnswer? Answer => Volatile.Read(ref _answer);

    internal CallbackTry? Callback => Volatile.Read(ref _callback);

    /// <summary>How its push, its callback and its queries behave.</summary>
    internal PushScript Script { get; init; } = PushScript.Unwritten;

    /// <summary>Every callback that was sent about it, the newest last.</summary>
    internal ConcurrentQueue<LedgerCallback> Callbacks { get; } = [];

    /// <summary>When the caller was first told that there will be no money; null while it was not.</summary>
    internal DateTimeOffset? FailureToldAt => Volatile.Read(ref _failureToldAt) is > 0 and long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Completes when the first true callback was answered, or will never be.</summary>
    internal TaskCompletionSource CallbackOver { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>
    /// Ends the payment without a callback, for callers that bring the callback themselves; the status query knows of it from here on.
    /// </summary>
    /// <returns>False when the prompt was answered before.</returns>
    public bool TryEnd(PaymentOutcome outcome)
    {
        if (!TryTake(new PromptAnswer(outcome.Paid ? PromptAction.Pin : PromptAction.Cancel, CallbackShape.A, TimeSpan.Zero, 0)))
            return false;
        End(outcome);
        return true;
    }

    // One answer wins, whoever brings it: a person, a script, or the end of the prompt's life.
    internal bool TryTake(PromptAnswer answer) => Interlocked.CompareExchange(ref _answer, answer, null) is null;

    internal void End(PaymentOutcome outcome) => Volatile.Write(ref _outcome, outcome);

    internal void TellFailure(DateTimeOffset at) => Interlocked.CompareExchange(ref _failureToldAt, at.UtcTicks, 0);

    internal void Note(CallbackTry callback) => Volatile.Write(ref _callback, callback);
}
