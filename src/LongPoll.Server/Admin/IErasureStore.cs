using LongPoll.Server.Payments;

namespace LongPoll.Server.Admin;

/// <summary>What erasing a person asks of a store.</summary>
internal interface IErasureStore
{
    /// <summary>
    /// Blanks a person, in one commit: every set of contact details with the same address, and the raw callbacks that are about
    /// their orders or name their phones. The books stay. Gives the orders whose view changed; null when there is no such customer.
    /// </summary>
    /// <param name="id">A customer's id, or that of one of their orders.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancel">Gives up.</param>
    Task<IReadOnlyList<Order>?> EraseAsync(Guid id, DateTime now, CancellationToken cancel);
}
