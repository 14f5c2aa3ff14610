using LongPoll.Sandbox.Faults;

namespace LongPoll.Sandbox.Verdict;

/// <summary>An order view as a page read it: the fields that a judge needs.</summary>
internal sealed record SeenOrder(
    Guid OrderId, string PaymentStatus, bool Settled, bool SafeToRetry, decimal TotalAmount, string? Receipt, string? BookingReference,
    long Version, DateTimeOffset UpdatedAt, string Fulfilment = "none", IReadOnlyList<SeenTicket>? Tickets = null)
{
    public bool Completed => PaymentStatus == "completed";

    // A record alone compares a list by identity.
    public bool Equals(SeenOrder? other) => other is not null && State.Equals(other.State) && (Tickets ?? []).SequenceEqual(other.Tickets ?? []);

    public override int GetHashCode() => State.GetHashCode();

    private (Guid, string, bool, bool, decimal, string?, string?, long, DateTimeOffset, string) State =>
        (OrderId, PaymentStatus, Settled, SafeToRetry, TotalAmount, Receipt, BookingReference, Version, UpdatedAt, Fulfilment);
}

/// <summary>A ticket as an order view tells of it.</summary>
internal sealed record SeenTicket(bool Success, string? Url);

/// <summary>How a wait was asked for and how it ended.</summary>
/// <param name="Since">The version that it named.</param>
/// <param name="Until"><c>change</c> or <c>settled</c>.</param>
/// <param name="Ending">The header <c>LongPoll-Ending</c>.</param>
/// <param name="Took">From the request to the answer.</param>
/// <param name="AnsweredAt">The answer's <c>Date</c>: the clock that <c>updatedAt</c> is on, in whole seconds.</param>
internal sealed record WaitFacts(long? Since, string Until, string Ending, TimeSpan Took, DateTimeOffset AnsweredAt)
{
    public bool IsMetBy(SeenOrder seen) => seen.Version > (Since ?? 0) && (Until == "change" || seen.Settled);
}

/// <summary>A page saw an order. The sightings of one page stand in the order in which it saw them.</summary>
internal sealed record Sighting(string Page, DateTimeOffset At, SeenOrder Seen, WaitFacts? Wait = null);

/// <summary>Everything that happened to one order, as seen from outside.</summary>
internal sealed record OrderHistory(long Number, string Phone, decimal Amount)
{
    /// <summary>Null when the order was never made.</summary>
    public Guid? OrderId { get; init; }

    public IReadOnlyList<Sighting> Sightings { get; init; } = [];

    /// <summary>Waits that ended as no wait may: broken, unanswered, an error other than 429 and 503 with Retry-After.</summary>
    public IReadOnlyList<string> BadWaits { get; init; } = [];

    /// <summary>Other requests that went wrong: the order was not made, a page could not be read.</summary>
    public IReadOnlyList<string> BadRequests { get; init; } = [];

    public int Waits { get; init; }

    /// <summary>The order at rest, from the database of every node.</summary>
    public IReadOnlyList<SeenOrder> AtRest { get; init; } = [];

    /// <summary>The provider's truth: its pushes, oldest first.</summary>
    public IReadOnlyList<LedgerLine> Ledger { get; init; } = [];

    public IEnumerable<SeenOrder> AllSeen => Sightings.Select(s => s.Seen).Concat(AtRest);

    public IEnumerable<LedgerCallback> Callbacks => Ledger.SelectMany(l => l.Callbacks);
}

/// <summary>An entry of <c>GET /admin/money-inbox</c>.</summary>
internal sealed record InboxEntry(Guid? OrderId, string TransactionId, decimal? Amount, string Problem);

/// <summary>A whole day.</summary>
internal sealed record Day(IReadOnlyList<OrderHistory> Orders, IReadOnlyList<InboxEntry> Inbox);

/// <summary>An invariant that was broken, and where.</summary>
internal sealed record Finding(long Order, Guid? OrderId, string What);

/// <summary>An invariant and what was found: how many things were looked at, and those that break it.</summary>
internal sealed record Ruling(string Invariant, int Looked, IReadOnlyList<Finding> Findings);
