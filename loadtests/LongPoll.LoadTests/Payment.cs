using LongPoll.Sandbox.PayHero;
using LongPoll.Sandbox.Phone;

namespace LongPoll.LoadTests;

/// <summary>One order of the run and its callback. Instants are timestamps of the run's clock; 0 means not yet.</summary>
internal sealed class Payment
{
    /// <summary>What a page waits for: the order's id.</summary>
    public required string Id { get; init; }

    /// <summary>Counted through the run; where there are several nodes, it says at which one the page waits.</summary>
    public required int Number { get; init; }

    /// <summary>The prompt that the server's push left on the pretend phone; null for peers that know no payments.</summary>
    public Prompt? Prompt { get; init; }

    /// <summary>How it ends; null is the usual: paid.</summary>
    public PaymentOutcome? Outcome { get; set; }

    /// <summary>When the schedule wanted the callback to leave.</summary>
    public long DueAt { get; set; }

    /// <summary>Just before the first byte of the callback was written.</summary>
    public long SentAt { get; set; }

    /// <summary>When the server had acknowledged the callback.</summary>
    public long AcknowledgedAt { get; set; }

    /// <summary>The first thing that went wrong with the callback.</summary>
    public string? Fault { get; set; }

    /// <summary>What a page must be told in the end.</summary>
    public string ExpectedStatus => Outcome switch
    {
        null or { Paid: true } => "completed",
        { ResultCode: 1032 } => "cancelled",
        _ => "failed",
    };
}
