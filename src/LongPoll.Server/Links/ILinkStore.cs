using LongPoll.Server.Payments;

namespace LongPoll.Server.Links;

/// <summary>What payment links ask of a store. Each method is one commit.</summary>
internal interface ILinkStore
{
    /// <summary>Stores a new link with its first event; false when its short code is taken.</summary>
    Task<bool> CreateLinkAsync(PaymentLink link, CancellationToken cancel);

    Task<PaymentLink?> FindLinkAsync(Guid linkId, CancellationToken cancel);

    Task<PaymentLink?> FindLinkByCodeAsync(string shortCode, CancellationToken cancel);

    /// <summary>Draft becomes open, while there is time to pay it; false when it stands elsewhere.</summary>
    Task<bool> OpenLinkAsync(Guid linkId, DateTime now, CancellationToken cancel);

    /// <summary>Open becomes canceled, unless it is paid; false when it stands elsewhere.</summary>
    Task<bool> CancelLinkAsync(Guid linkId, DateTime now, CancellationToken cancel);

    /// <summary>Closes open links whose time is over, at most so many. Gives how many there were, and which of them expired unpaid.</summary>
    Task<(int Closed, IReadOnlyList<Guid> Expired)> CloseOverdueLinksAsync(DateTime now, int limit, CancellationToken cancel);

    /// <summary>
    /// Takes from the orders of a link what it no longer lets them do: Try again, when the link is closed or a newer order stands in
    /// their place, and the time to pay when it was canceled. What can still be paid is asked about soon. Gives the orders that
    /// changed, as they stand now.
    /// </summary>
    Task<IReadOnlyList<Order>> CloseOrdersAsync(Guid linkId, DateTime now, CancellationToken cancel);

    /// <summary>Open, unpaid links whose time, or the time of whose payment, was over before <paramref name="before"/>.</summary>
    Task<IReadOnlyList<Guid>> FindStuckLinksAsync(DateTime before, int limit, CancellationToken cancel);
}
