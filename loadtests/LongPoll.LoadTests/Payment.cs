using LongPoll.Sandbox.Phone;

namespace LongPoll.LoadTests;

/// <summary>One order of the run and what became of it. Instants are timestamps of the run's clock; 0 means not yet.</summary>
internal sealed class Payment
{
    public required string OrderId { get; init; }

    public required string Phone { get; init; }

    /// <summary>The prompt that the server's push left on the pretend phone.</summary>
    public required Prompt Prompt { get; init; }

    /// <summary>When the schedule wanted the callback to leave.</summary>
    public long DueAt { get; set; }

    /// <summary>Just before the first byte of the callback was written.</summary>
    public long SentAt { get; set; }

    public long CallbackAnsweredAt { get; set; }

    /// <summary>The last byte of the waiter's answer.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>How many times the waiter had to ask.</summary>
    public int Calls { get; set; }

    /// <summary>Among them, how many the server ended because time was up.</summary>
    public int TimeOuts { get; set; }

    /// <summary>LongPoll-Ending of the last answer.</summary>
    public string? Ending { get; set; }

    /// <summary>paymentStatus of the last answer.</summary>
    public string? PaymentStatus { get; set; }

    /// <summary>The first thing that went wrong, for waiter or callback.</summary>
    public string? Fault { get; set; }

    public bool AnsweredAsPromised =>
        Fault is null && PaymentStatus == "completed" && TimeOuts == 0 && SentAt != 0 && AnsweredAt >= SentAt;
}
