namespace LongPoll.Server.Payments;

/// <summary>How one settlement of a list ended in the store.</summary>
internal enum CommitOutcome
{
    Committed,

    /// <summary>The order changed since it was read, or a unique constraint refused a row: read and decide again.</summary>
    Stale,
}

/// <summary>How making an order ended in the store.</summary>
internal enum OpenOutcome
{
    Opened,

    /// <summary>The idempotency key is known: here is the order it made.</summary>
    Replayed,

    /// <summary>The idempotency key is known with another body.</summary>
    KeyReused,

    /// <summary>This phone has had its share of prompts.</summary>
    TooManyPrompts,

    /// <summary>Something unique, such as the order number, was taken in that very moment, or the order moved: draw again, or give up.</summary>
    Clash,

    /// <summary>The payment link has no place for this order: another one of it can be paid or was paid, or the link is not open.</summary>
    LinkTaken,
}

/// <summary>An order about to be stored, with its first attempt.</summary>
internal sealed record NewOrder(Order Order, Attempt Attempt, OrderEvent Event, string? EventJson, string ItemsJson, IdempotencyKey? IdempotencyKey, LinkPlace? Link = null);

/// <summary>A client's key and the digest of the body it came with.</summary>
internal sealed record IdempotencyKey(string Key, string BodyDigest);

/// <summary>At most so many prompts to one phone in a time.</summary>
internal sealed record PromptLimit(int Prompts, TimeSpan Window);

/// <summary>An order and all its attempts, oldest first, as they stood at one moment.</summary>
internal sealed record OrderWithAttempts(Order Order, IReadOnlyList<Attempt> Attempts);

/// <summary>A version of an order that a bus has announced.</summary>
internal readonly record struct AnnouncedVersion(Guid OrderId, long Version);

/// <summary>What the core asks of a store. Each method is one commit, and its name says what commits together.</summary>
internal interface IOrderStore
{
    /// <summary>Stores order, first attempt, customer, idempotency key and the place at its payment link in one commit, unless one of them stands in the way.</summary>
    Task<(OpenOutcome Outcome, Order? Order)> OpenOrderAsync(NewOrder newOrder, PromptLimit limit, CancellationToken cancel);

    /// <summary>Stores a further attempt and makes it current, while the order still stands as it was read and its payment link lets it.</summary>
    Task<OpenOutcome> OpenAttemptAsync(Order before, Order after, Attempt attempt, OrderEvent orderEvent, PromptLimit limit, CancellationToken cancel);

    Task<Order?> FindOrderAsync(Guid orderId, CancellationToken cancel);

    Task<IReadOnlyList<Attempt>> FindAttemptsAsync(Guid orderId, CancellationToken cancel);

    /// <summary>Both of them in one read.</summary>
    Task<OrderWithAttempts?> FindWithAttemptsAsync(Guid orderId, CancellationToken cancel);

    /// <summary>What its payment link says about an order; null for an order without one.</summary>
    Task<LinkTerms?> FindLinkTermsAsync(Guid orderId, CancellationToken cancel);

    /// <summary>Of these orders, those that stand at a later version than was seen: one read, however many are asked about.</summary>
    Task<IReadOnlyList<Order>> FindNewerAsync(IReadOnlyCollection<AnnouncedVersion> seen, CancellationToken cancel);

    /// <summary>What bears on each report, in the order of the reports.</summary>
    Task<IReadOnlyList<SettlementFacts>> FindFactsAsync(IReadOnlyList<PaymentReport> reports, CancellationToken cancel);

    /// <summary>
    /// Writes each settlement whole or not at all, and answers each one. At most one settlement per order and
    /// per transaction may stand in the list.
    /// </summary>
    Task<IReadOnlyList<CommitOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancel);

    /// <summary>Keeps a callback that nobody could read, so that nothing that passed its secret is lost.</summary>
    Task KeepCallbackAsync(RawCallback raw, string result, CancellationToken cancel);

    /// <summary>
    /// Callbacks that came before the ids they name: those received after <paramref name="since"/> that fit an attempt now, and older ones,
    /// that nothing has fitted in time; <paramref name="limit"/> of each, the oldest.
    /// </summary>
    Task<IReadOnlyList<RawCallback>> FindRipeCallbacksAsync(DateTime since, int limit, CancellationToken cancel);

    /// <summary>
    /// Gives up matching a callback: in one commit it gets its last result, and its money, if it claims any, goes to the money
    /// inbox. True when money went there: not when somebody else was quicker, nor when its transaction stands in the books by now.
    /// </summary>
    Task<bool> CloseCallbackAsync(Guid callbackId, string result, MoneyInboxEntry? entry, CancellationToken cancel);

    /// <summary>
    /// Notes up to which version orders were announced, and finds those whose current version was not, changed before
    /// <paramref name="changedBefore"/>, oldest first.
    /// </summary>
    Task<IReadOnlyList<Order>> NoteAnnouncedAsync(IReadOnlyCollection<AnnouncedVersion> announced, DateTime changedBefore, int limit, CancellationToken cancel);

    /// <summary>Throws when the store does not work.</summary>
    Task PingAsync(CancellationToken cancel);
}
