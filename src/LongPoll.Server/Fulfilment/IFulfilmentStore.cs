using LongPoll.Server.Payments;

namespace LongPoll.Server.Fulfilment;

/// <summary>One step of an order's fulfilment: what is written, and promised, in one commit.</summary>
internal sealed record FulfilmentStep
{
    public required Guid OrderId { get; init; }

    /// <summary>Where fulfilment stood; the step counts only while it still does.</summary>
    public required Payments.Fulfilment From { get; init; }

    public required Payments.Fulfilment To { get; init; }

    /// <summary>What the order says of all its tickets from now on.</summary>
    public required IReadOnlyList<OrderTicket> View { get; init; }

    /// <summary>Tickets that this step issues.</summary>
    public required IReadOnlyList<Ticket> Issued { get; init; }

    /// <summary>The buyer is welcomed, if the address is a new one.</summary>
    public bool Welcomes { get; init; }

    /// <summary>The kinds of mails that are promised.</summary>
    public required IReadOnlyList<string> Mails { get; init; }

    /// <summary>The promise that is kept by this step, or null when more is to be done.</summary>
    public Guid? KeptMessageId { get; init; }
}

/// <summary>How a gate's scan ended.</summary>
/// <param name="Admitted">True for the one scan that used the ticket.</param>
/// <param name="Ticket">The ticket as it stands now.</param>
internal sealed record Admission(bool Admitted, Ticket Ticket);

/// <summary>What fulfilment asks of a store.</summary>
internal interface IFulfilmentStore
{
    /// <summary>These orders with what they sold, their tickets and their mails.</summary>
    Task<IReadOnlyList<PaidOrder>> FindPaidOrdersAsync(IReadOnlyCollection<Guid> orderIds, CancellationToken cancel);

    /// <summary>
    /// Writes steps, each whole or not at all: state and version of the order, its line in the audit log, tickets, the welcome of
    /// a new address, the promise of mails, and the mark on the promise that was kept. Gives the orders that changed.
    /// </summary>
    Task<IReadOnlyList<Order>> FulfilAsync(IReadOnlyList<FulfilmentStep> steps, DateTime now, CancellationToken cancel);

    /// <summary>Notes that nobody has to send this mail any more; the first note stands.</summary>
    Task NoteMailAsync(Guid orderId, string kind, string messageId, string outcome, DateTime now, CancellationToken cancel);

    /// <summary>Uses a ticket, once; null when there is no such ticket.</summary>
    Task<Admission?> AdmitAsync(Guid orderId, int number, DateTime now, CancellationToken cancel);
}
