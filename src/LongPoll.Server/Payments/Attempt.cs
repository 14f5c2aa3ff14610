namespace LongPoll.Server.Payments;

/// <summary>Where one try to collect the money stands.</summary>
internal enum AttemptState
{
    /// <summary>Stored; the provider's answer is not known. There may be a prompt on the phone.</summary>
    Created,

    /// <summary>The provider took it; the buyer has a prompt or a page.</summary>
    Prompted,

    /// <summary>Money arrived.</summary>
    Paid,

    /// <summary>The provider says the buyer cancelled.</summary>
    Cancelled,

    /// <summary>The provider says it failed.</summary>
    Failed,

    /// <summary>The provider says it ran out.</summary>
    Expired,

    /// <summary>Over for the page, but without the provider's last word: money may still come until the horizon.</summary>
    Lapsed,
}

/// <summary>One payment attempt of an order. Its reference is stored before the provider is asked to charge.</summary>
internal sealed record Attempt
{
    public required Guid AttemptId { get; init; }
    public required Guid OrderId { get; init; }
    public required int Number { get; init; }
    public required string Provider { get; init; }
    public required AttemptState State { get; init; }

    /// <summary>Our own reference, unique per attempt; the provider echoes it.</summary>
    public required string Reference { get; init; }

    /// <summary>The provider's reference, once its answer is known; what a status query needs.</summary>
    public string? ProviderReference { get; init; }

    /// <summary>
    /// Digest of the provider's second id (M-PESA CheckoutRequestID). Only for matching: the id itself ends with
    /// the buyer's phone number and must not stand outside the raw callbacks.
    /// </summary>
    public string? CheckoutDigest { get; init; }
    public required Money Amount { get; init; }
    public string? TransactionId { get; init; }

    /// <summary>
    /// Somebody with the right secret claimed another amount, without proof. A provider whose own answer carries no
    /// amount cannot clear that up: its money goes to a person.
    /// </summary>
    public bool Disputed { get; init; }

    /// <summary>The provider's code for the end, for support. A lapsed attempt has one only when a callback brought it.</summary>
    public string? ResultCode { get; init; }
    public required DateTime CreatedAt { get; init; }
    public DateTime? EndedAt { get; init; }

    /// <summary>When to ask the provider first if it stays silent; stored with a new attempt, and moved by reconciling alone.</summary>
    public DateTime? AskAt { get; init; }

    /// <summary>May money still come from this attempt, as far as the provider has told?</summary>
    public bool CanStillSucceed => State is AttemptState.Created or AttemptState.Prompted or AttemptState.Lapsed;

    /// <summary>True when this attempt itself knows every clue that is given, so that none of them can lead to another.</summary>
    public bool BearsOut(AttemptClues clues) =>
        (clues.AttemptId is null || clues.AttemptId == AttemptId)
        && (clues.Reference is null || clues.Reference == Reference)
        && (clues.CheckoutDigest is null || clues.CheckoutDigest == CheckoutDigest)
        && (clues.ProviderReference is null || clues.ProviderReference == ProviderReference);

    /// <summary>
    /// The provider itself came and said that it is over, though it may change its mind (M-PESA 1037). A query that says the same
    /// is its last word then; a query alone is not.
    /// </summary>
    public bool ToldToBeOver => State == AttemptState.Lapsed && ResultCode is not null;

    /// <summary>This attempt as if it knew no other ids of the provider than <paramref name="other"/>.</summary>
    public Attempt WithIdsOf(Attempt other) => this with { ProviderReference = other.ProviderReference, CheckoutDigest = other.CheckoutDigest };
}
