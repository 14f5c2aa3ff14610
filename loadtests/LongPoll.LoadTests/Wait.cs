namespace LongPoll.LoadTests;

/// <summary>One page that waits for one payment, and what it was told. Instants are timestamps of the run's clock; 0 means not yet.</summary>
internal sealed class Wait(Payment payment)
{
    public Payment Payment { get; } = payment;

    /// <summary>When the last request of the page was written.</summary>
    public long AskedAt { get; set; }

    /// <summary>The last byte of the last answer.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>How many times the page had to ask.</summary>
    public int Calls { get; set; }

    /// <summary>Among them, how many were answered with an order that is still open.</summary>
    public int TimeOuts { get; set; }

    /// <summary>LongPoll-Ending of the last answer.</summary>
    public string? Ending { get; set; }

    /// <summary>paymentStatus of the last answer.</summary>
    public string? PaymentStatus { get; set; }

    /// <summary>The first thing that went wrong.</summary>
    public string? Fault { get; set; }

    public bool IsAnsweredAfterCallback => Payment.SentAt != 0 && AnsweredAt >= Payment.SentAt;

    /// <summary>What was not as promised; null when everything was.</summary>
    public string? Complaint => this switch
    {
        { Payment.Fault: { } fault } => fault,
        { Fault: { } fault } => fault,
        { IsAnsweredAfterCallback: false } => "answered before its callback",
        _ when PaymentStatus != Payment.ExpectedStatus => $"answered {PaymentStatus}",
        _ => null,
    };
}
