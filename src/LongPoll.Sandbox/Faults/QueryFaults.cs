using System.Text.Json.Serialization;

namespace LongPoll.Sandbox.Faults;

/// <summary>What the status query does.</summary>
[JsonConverter(typeof(SnakeCaseEnum<QueryBehaviour>))]
internal enum QueryBehaviour
{
    /// <summary>Tells the truth.</summary>
    Honest,

    /// <summary>Answered 503.</summary>
    Down,

    /// <summary>Tells the truth after <see cref="SandboxOptions.SlowTime"/>.</summary>
    Slow,

    /// <summary>Says FAILED, also of a payment that was made.</summary>
    Failed,

    /// <summary>Says QUEUED, also of a payment that has ended.</summary>
    Queued,

    /// <summary>Answered 404, also for a reference that exists.</summary>
    NotFound,
}

/// <summary>How the query behaves about one prompt, and for how long after its push.</summary>
internal sealed record QueryFaults(QueryBehaviour Behaviour, TimeSpan For)
{
    public static readonly QueryFaults None = new(QueryBehaviour.Honest, TimeSpan.Zero);
}
