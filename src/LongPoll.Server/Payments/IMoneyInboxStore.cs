namespace LongPoll.Server.Payments;

/// <summary>What deciding about money in the inbox asks of a store.</summary>
internal interface IMoneyInboxStore
{
    /// <summary>Entries that nobody has decided about, oldest first.</summary>
    Task<IReadOnlyList<MoneyInboxEntry>> FindOpenEntriesAsync(int limit, CancellationToken cancel);

    /// <summary>An entry that nobody has decided about, or null.</summary>
    Task<MoneyInboxEntry?> FindOpenEntryAsync(Guid entryId, CancellationToken cancel);

    /// <summary>True when other money of this order waits for a person too.</summary>
    Task<bool> HasOtherOpenEntriesAsync(MoneyInboxEntry entry, CancellationToken cancel);

    /// <summary>Closes an entry with a reason; false when somebody was quicker.</summary>
    Task<bool> DismissEntryAsync(Guid entryId, string reason, DateTime now, CancellationToken cancel);
}
