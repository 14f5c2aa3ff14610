using System.Text.Json.Serialization;

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
}

/// <summary>How the pretend PayHero behaves at the moment, for all callers.</summary>
internal sealed class PayHeroBehaviour
{
    private volatile PushBehaviour _pushes = PushBehaviour.Accept;

    public PushBehaviour Pushes
    {
        get => _pushes;
        set => _pushes = value;
    }
}

/// <summary>The behaviour as scripts read and set it.</summary>
internal sealed record PayHeroBehaviourView([property: JsonRequired] PushBehaviour Pushes);
