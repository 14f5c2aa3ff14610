using Dapper;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>The money inbox on SQLite. Entries come in with settlements, and are attached by them.</summary>
internal sealed class SqliteMoneyInboxStore(SqliteDatabase database) : IMoneyInboxStore
{
    public async Task<IReadOnlyList<MoneyInboxEntry>> FindOpenEntriesAsync(int limit, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        var rows = connection.Query<MoneyInboxRow>(
            $"select {MoneyInboxRow.Columns} from money_inbox where state = 'open' order by received_at limit @Limit", new { Limit = limit });
        return [.. rows.Select(r => r.ToEntry())];
    }

    public async Task<MoneyInboxEntry?> FindOpenEntryAsync(Guid entryId, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return connection.QuerySingleOrDefault<MoneyInboxRow>(
            $"select {MoneyInboxRow.Columns} from money_inbox where entry_id = @EntryId and state = 'open'", new { EntryId = entryId })?.ToEntry();
    }

    public async Task<bool> HasOtherOpenEntriesAsync(MoneyInboxEntry entry, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return connection.ExecuteScalar<bool>(
            "select exists (select 1 from money_inbox where order_id = @OrderId and entry_id <> @EntryId and state = 'open')",
            new { entry.OrderId, entry.EntryId });
    }

    public Task<bool> DismissEntryAsync(Guid entryId, string reason, DateTime now, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.Execute(
                "update money_inbox set state = 'dismissed', reason = @Reason, decided_at = @Now where entry_id = @EntryId and state = 'open'",
                new { EntryId = entryId, Reason = reason, Now = now }, transaction) == 1,
            cancel);
}
