using System.Text.Json.Serialization;

namespace LongPoll.Sandbox.Faults;

/// <summary>A callback that is not PayHero's, sent beside the true one.</summary>
[JsonConverter(typeof(SnakeCaseEnum<Forgery>))]
internal enum Forgery
{
    /// <summary>Nobody forges anything.</summary>
    None,

    /// <summary>Success with an invented receipt, at an address whose secret is wrong.</summary>
    WrongSecret,

    /// <summary>Success with an invented receipt, at the address of another attempt: a right secret, but not for this one.</summary>
    OtherSecret,

    /// <summary>The true callback once more with another amount, after the true one was taken.</summary>
    ChangedAmount,
}

/// <summary>A report that arrives after the final one and was true before it.</summary>
[JsonConverter(typeof(SnakeCaseEnum<StaleReport>))]
internal enum StaleReport
{
    /// <summary>None.</summary>
    None,

    /// <summary>"Still being processed": 4999.</summary>
    Pending,

    /// <summary>A cancel of the attempt that was paid.</summary>
    Failure,

    /// <summary>The failure of an earlier attempt of the same phone once more; a pending report where there was none.</summary>
    EarlierAttempt,
}

/// <summary>What befalls the callback of one answer. Travels with the answer, so that two prompts never share their luck.</summary>
internal sealed record CallbackFaults
{
    public static readonly CallbackFaults None = new();

    /// <summary>The callback never leaves; only the status query knows.</summary>
    public bool Lost { get; init; }

    /// <summary>The copies leave at the same moment, not one after the other: two of them race in the receiver.</summary>
    public bool Together { get; init; }

    public StaleReport Stale { get; init; }

    public Forgery Forged { get; init; }

    /// <summary>Whole shillings that the buyer pays more (or less) than the push asked for; the callback says so, the query cannot.</summary>
    public long AmountOff { get; init; }

    /// <summary>The prompt ends without money, and money moves all the same this much later.</summary>
    public TimeSpan? LateSuccess { get; init; }
}
