namespace LongPoll.Server.Outbox;

/// <summary>What one message came to.</summary>
/// <param name="Done">True when nothing is left to do.</param>
/// <param name="Reason">Why not, in a fixed word or two; never anybody's data.</param>
internal readonly record struct HandlingResult(bool Done, string? Reason)
{
    public static readonly HandlingResult Completed = new(Done: true, Reason: null);

    public static HandlingResult TryLater(string reason) => new(Done: false, reason);
}

/// <summary>Does what a kind of message promises. Must be safe to repeat: a lease can run out under it.</summary>
internal interface IOutboxHandler
{
    string Kind { get; }

    Task<HandlingResult> HandleAsync(OutboxMessage message, CancellationToken cancel);
}
