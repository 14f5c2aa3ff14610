using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Serialization;
using LongPoll.Sandbox.Faults;

namespace LongPoll.Sandbox.PayHero;

/// <summary>What becomes of pushes.</summary>
[JsonConverter(typeof(SnakeCaseEnum<PushBehaviour>))]
internal enum PushBehaviour
{
    /// <summary>Answered 201, and a prompt appears.</summary>
    Accept,

    /// <summary>Answered 400; no prompt.</summary>
    Refuse,

    /// <summary>Answered 503; no prompt.</summary>
    Down,

    /// <summary>No answer for <see cref="SandboxOptions.HangTime"/>; no prompt.</summary>
    Hang,

    /// <summary>A prompt appears, but the connection breaks before the answer: the caller cannot know.</summary>
    LoseAnswer,

    /// <summary>Accepted, and answered after <see cref="SandboxOptions.SlowTime"/>.</summary>
    Slow,
}

/// <summary>How the pretend PayHero behaves at the moment, for all callers.</summary>
internal sealed class PayHeroBehaviour
{
    // Which push of its phone a push is. Kept for seeded runs alone: without a seed nobody asks.
    private readonly ConcurrentDictionary<string, int> _pushesOf = new(StringComparer.Ordinal);
    private volatile PayHeroBehaviourView _view = new(PushBehaviour.Accept);

    public PayHeroBehaviourView View
    {
        get => _view;
        set => _view = value;
    }

    /// <summary>What is going to happen to this push. With a seed it follows from the seed and the phone, which is the order's number.</summary>
    public PushScript ScriptFor(string msisdn)
    {
        PayHeroBehaviourView view = _view;
        PushScript fixedScript = new() { Push = view.Pushes, CallbackFirst = view.CallbackFirst };
        if (view.Seed is not { } seed)
            return fixedScript;
        int push = _pushesOf.AddOrUpdate(msisdn, 1, static (_, before) => before + 1);
        PushScript script = SeededScripts.For(seed, NumberOf(msisdn), push);
        return view.Pushes == PushBehaviour.Accept ? script : script with { Push = view.Pushes };
    }

    /// <summary>The number of an order in a seeded run: the last eight digits of its phone.</summary>
    public static long NumberOf(string msisdn) => long.Parse(msisdn.AsSpan(msisdn.Length - 8), CultureInfo.InvariantCulture);
}

/// <summary>The behaviour as scripts read and set it.</summary>
/// <param name="Pushes">What becomes of pushes.</param>
/// <param name="Queries">What the status query does; the script of a single push can say otherwise.</param>
/// <param name="CallbackFirst">The push is answered only after the callback of its prompt was.</param>
/// <param name="Seed">Draws what happens to each push, buyers included, from this number; null for nothing by itself.</param>
internal sealed record PayHeroBehaviourView(
    [property: JsonRequired] PushBehaviour Pushes, QueryBehaviour Queries = QueryBehaviour.Honest, bool CallbackFirst = false, long? Seed = null);
