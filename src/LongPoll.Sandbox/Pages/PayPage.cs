using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using LongPoll.Sandbox.Faults;

namespace LongPoll.Sandbox.Pages;

/// <summary>Where a payment on a provider's page stands.</summary>
[JsonConverter(typeof(SnakeCaseEnum<PageState>))]
public enum PageState
{
    /// <summary>Nobody has pressed anything.</summary>
    Open,

    /// <summary>The buyer has paid in a way that takes days, or the bank has not answered.</summary>
    Delayed,

    /// <summary>Money moved.</summary>
    Paid,

    /// <summary>The bank said no.</summary>
    Failed,

    /// <summary>The buyer pressed Cancel.</summary>
    Cancelled,

    /// <summary>Its time was over, or its shop closed it.</summary>
    Expired,
}

/// <summary>A payment that a shop asked for on a page of the pretend Stripe or PhonePe.</summary>
public sealed class PayPage
{
    /// <summary>The pretend Stripe.</summary>
    public const string Stripe = "stripe";

    /// <summary>The pretend PhonePe.</summary>
    public const string PhonePe = "phonepe";

    private readonly Lock _gate = new();
    private long _failureToldAt;

    /// <summary><see cref="Stripe"/> or <see cref="PhonePe"/>.</summary>
    public required string Provider { get; init; }

    /// <summary>Stripe's session id; for PhonePe the merchant's transaction id.</summary>
    public required string Id { get; init; }

    /// <summary>The shop's own reference.</summary>
    public required string Reference { get; init; }

    /// <summary>Minor units, as the provider counts them.</summary>
    public required long Amount { get; init; }

    /// <summary>ISO 4217, in upper case.</summary>
    public required string Currency { get; init; }

    /// <summary>What the shop noted on it.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The merchant, at PhonePe.</summary>
    public string? MerchantId { get; init; }

    /// <summary>Where the buyer goes afterwards.</summary>
    public Uri? ReturnUrl { get; init; }

    /// <summary>Where events and callbacks go; null for nowhere.</summary>
    public Uri? CallbackUrl { get; init; }

    /// <summary>When it was opened.</summary>
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>Where it stands.</summary>
    public PageState State { get; private set; }

    /// <summary>Payment intent or PhonePe transaction id; null until money moved.</summary>
    public string? TransactionId { get; private set; }

    /// <summary>What moved, in minor units.</summary>
    public long? PaidAmount { get; private set; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset ChangedAt { get; private set; }

    internal PushScript Script { get; init; } = PushScript.Unwritten;

    /// <summary>In a seeded run, which buyer opened it.</summary>
    internal string BuyerPhone { get; init; } = "";

    internal ConcurrentQueue<LedgerCallback> Callbacks { get; } = [];

    internal TaskCompletionSource CallbackOver { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal DateTimeOffset? FailureToldAt => Volatile.Read(ref _failureToldAt) is > 0 and long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Moves on from <paramref name="from"/>; false when it stands elsewhere: somebody was quicker.</summary>
    public bool TryMove(PageState from, PageState to, DateTimeOffset at, string? transactionId = null, long? paidAmount = null)
    {
        lock (_gate)
        {
            if (State != from)
                return false;
            (State, ChangedAt) = (to, at);
            if (to == PageState.Paid)
                (TransactionId, PaidAmount) = (transactionId, paidAmount ?? Amount);
            return true;
        }
    }

    internal void TellFailure(DateTimeOffset at) => Interlocked.CompareExchange(ref _failureToldAt, at.UtcTicks, 0);
}
