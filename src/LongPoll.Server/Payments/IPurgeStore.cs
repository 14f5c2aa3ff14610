namespace LongPoll.Server.Payments;

/// <summary>What keeping things for a time only asks of a store.</summary>
internal interface IPurgeStore
{
    /// <summary>Deletes callbacks, idempotency keys and kept promises older than these, and tells how many rows.</summary>
    Task<int> PurgeAsync(DateTime callbacksBefore, DateTime keysBefore, DateTime doneBefore, CancellationToken cancel);
}
