namespace LongPoll.Server.Outbox;

/// <summary>What one message came to.</summary>
/// <param name="Done">True when nothing is left to do.</param>
/// <param name="Reason">Why not, in a fixed word or two; never anybody's data.</param>
/// <param name="Marked">The handler has marked the message in its own commit.</param>
internal readonly record struct HandlingResult(bool Done, string? Reason, bool Marked = false)
{
    public static readonly HandlingResult Completed = new(Done: true, Reason: null);

    /// <summary>Done and marked, together with what was done.</summary>
    public static readonly HandlingResult CommittedWithMark = new(Done: true, Reason: null, Marked: true);

    public static HandlingResult TryLater(string reason) => new(Done: false, reason);
}

/// <summary>How the messages of one kind are worked off.</summary>
/// <param name="AtOnce">Messages in hand at a time on this node.</param>
/// <param name="MostTries">After so many tries a message is buried and a person called.</param>
/// <param name="Gather">After a nudge this long is waited, so that what comes together is taken up together.</param>
/// <param name="GivesWay">While payments come faster than they are committed it lets payments go first, for two seconds before every four claims at most.</param>
/// <param name="Pace">So long after it took something the lane takes up nothing new: a steady stream is worked off in larger parts.</param>
internal sealed record OutboxLane(int AtOnce, int MostTries, TimeSpan Gather, bool GivesWay = false, TimeSpan Pace = default)
{
    public static readonly OutboxLane Usual = new(AtOnce: 16, MostTries: 20, TimeSpan.Zero);

    /// <summary>With the longest pause of ten minutes this is about two days: as long as another service may be away.</summary>
    public const int TriesOfTwoDays = 400;
}

/// <summary>
/// Does what a kind of message promises. Must be safe to repeat: a lease can run out under it. Each kind has a lane of its
/// own, so that a slow mail server holds up no tickets, and neither of them a question about money.
/// </summary>
internal interface IOutboxHandler
{
    string Kind { get; }

    OutboxLane Lane => OutboxLane.Usual;

    Task<HandlingResult> HandleAsync(OutboxMessage message, CancellationToken cancel);
}

/// <summary>Takes all messages of a claim at once; the results are in their order.</summary>
internal interface IOutboxBatchHandler : IOutboxHandler
{
    Task<IReadOnlyList<HandlingResult>> HandleAsync(IReadOnlyList<OutboxMessage> messages, CancellationToken cancel);
}
