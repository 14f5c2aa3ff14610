using LongPoll.Sandbox.PayHero;
using LongPoll.Sandbox.Phone;

namespace LongPoll.Sandbox.Faults;

/// <summary>Everything that is going to happen to one push: how it is answered, what the buyer does, what the query says.</summary>
internal sealed record PushScript
{
    /// <summary>Nothing by itself: a person or a test answers.</summary>
    public static readonly PushScript Unwritten = new();

    public PushBehaviour Push { get; init; } = PushBehaviour.Accept;

    /// <summary>The callback leaves, and is answered, before the push is.</summary>
    public bool CallbackFirst { get; init; }

    /// <summary>What the buyer does; null leaves it to others.</summary>
    public PromptAnswer? Answer { get; init; }

    /// <summary>How long the buyer takes for it.</summary>
    public TimeSpan Think { get; init; }

    public QueryFaults Query { get; init; } = QueryFaults.None;
}
