namespace LongPoll.Server.Payments;

/// <summary>Who brought a report. Stands in the audit log.</summary>
internal enum ReportSource
{
    Push,
    Callback,
    Query,
    Verification,

    /// <summary>Time ran out.</summary>
    Expiry,

    /// <summary>A person with the admin key.</summary>
    Admin,

    /// <summary>The buyer, who pressed Try again.</summary>
    Buyer,
}

/// <summary>What a provider says about an attempt.</summary>
internal enum ReportedOutcome
{
    /// <summary>The provider took the charge: the buyer is being asked.</summary>
    Accepted,

    /// <summary>The provider refused the charge, or never got it: certainly no prompt.</summary>
    Refused,

    /// <summary>The provider's answer was lost: there may be a prompt.</summary>
    Unanswered,

    /// <summary>Nothing new.</summary>
    Pending,
    Paid,
    Cancelled,
    Failed,
    Expired,

    /// <summary>Over, but the provider may yet change its mind (M-PESA 1037): to be asked about.</summary>
    Lapsed,

    /// <summary>A person has decided that money in the inbox does not pay this order.</summary>
    ReviewOver,

    /// <summary>Something happened, told by somebody who can be imitated: the provider is to be asked.</summary>
    Hinted,

    /// <summary>Money went back: an axis of its own, which moves no status.</summary>
    Refunded,

    /// <summary>The buyer disputes the payment at the bank: nothing went back for good yet, but a person must know.</summary>
    Disputed,
}

/// <summary>Money that went back.</summary>
/// <param name="RefundId">The provider's id, under which the same refund is never counted twice.</param>
/// <param name="Amount">Major units.</param>
/// <param name="InAll">The amount is all that went back of this payment so far, not this refund alone.</param>
internal sealed record RefundClaim(string RefundId, decimal Amount, bool InAll);

/// <summary>By what a report names its attempt. All that are given must lead to the same one.</summary>
internal sealed record AttemptClues
{
    /// <summary>From a signed callback address, or because we asked about this very attempt.</summary>
    public Guid? AttemptId { get; init; }
    public string? Reference { get; init => field = Told.Text(value); }
    public string? CheckoutDigest { get; init => field = Told.Text(value); }
    public string? ProviderReference { get; init => field = Told.Text(value); }
}

/// <summary>What others tell us, made fit to be kept.</summary>
internal static class Told
{
    /// <summary>
    /// PostgreSQL holds no NUL in text. JSON can carry one, and no id of anybody's has one: what comes with it
    /// matches nothing, and must be kept all the same.
    /// </summary>
    public static string? Text(string? told) => told?.Replace('\0', '\uFFFD');
}

/// <summary>A callback as it came: kept in the same commit as what it changed.</summary>
internal sealed record RawCallback(Guid CallbackId, string Provider, ReadOnlyMemory<byte> Body, DateTime ReceivedAt);

/// <summary>Everything a provider says about money has this form, whoever brought it.</summary>
internal sealed record PaymentReport
{
    public required string Provider { get; init; }
    public required ReportSource Source { get; init; }
    public required ReportedOutcome Outcome { get; init; }
    public AttemptClues Clues { get; init; } = new();

    /// <summary>The identity of money: M-PESA receipt, payment intent, PhonePe transaction id.</summary>
    public string? TransactionId { get; init => field = Told.Text(value); }

    /// <summary>In major units, as the provider writes it.</summary>
    public decimal? Amount { get; init; }
    public string? Currency { get; init; }

    /// <summary>Where the buyer pays, when the provider has a page of its own. Comes with <see cref="ReportedOutcome.Accepted"/>.</summary>
    public string? CheckoutUrl { get; init; }

    /// <summary>Stable code for pages, one of <see cref="Reasons"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>The provider's own code, for support.</summary>
    public string? Code { get; init => field = Told.Text(value); }

    /// <summary>
    /// Money is claimed, but the provider's own words contradict each other: to be asked about, not believed. Or a failure is
    /// told by a query that has been wrong about money that had moved: it ends the wait, and invites nobody to pay again.
    /// </summary>
    public bool Doubtful { get; init; }

    /// <summary>
    /// True when the provider itself was asked about this attempt over an authenticated connection.
    /// Such an answer need not repeat the amount.
    /// </summary>
    public bool FromProvider => Source is ReportSource.Push or ReportSource.Query or ReportSource.Verification;

    /// <summary>What went back; with <see cref="ReportedOutcome.Refunded"/> and <see cref="ReportedOutcome.Disputed"/>.</summary>
    public RefundClaim? Refund { get; init; }

    public RawCallback? Raw { get; init; }

    /// <summary>Why a person decided so; kept with the money.</summary>
    public string? DecisionReason { get; init; }
}

/// <summary>Stable codes that pages translate.</summary>
internal static class Reasons
{
    public const string CancelledByBuyer = "cancelled_by_buyer";
    public const string InsufficientFunds = "insufficient_funds";
    public const string WrongPin = "wrong_pin";
    public const string Unreachable = "unreachable";
    public const string PromptExpired = "prompt_expired";
    public const string Busy = "busy";
    public const string ProviderDown = "provider_down";
    public const string ProviderError = "provider_error";
    public const string OrderExpired = "order_expired";
    public const string UnderReview = "under_review";
}
