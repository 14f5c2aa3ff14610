using Dapper;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>The money inbox on PostgreSQL. Entries come in with settlements, and are attached by them.</summary>
internal sealed class PostgresMoneyInboxStore(PostgresDatabase database) : IMoneyInboxStore
{
    public async Task<IReadOnlyList<MoneyInboxEntry>> FindOpenEntriesAsync(int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<MoneyInboxRow>(new CommandDefinition(
            $"select {MoneyInboxRow.Columns} from money_inbox where state = 'open' order by received_at limit @Limit",
            new { Limit = limit }, cancellationToken: cancel));
        return [.. rows.Select(r => r.ToEntry())];
    }

    public async Task<MoneyInboxEntry?> FindOpenEntryAsync(Guid entryId, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var row = await connection.QuerySingleOrDefaultAsync<MoneyInboxRow>(new CommandDefinition(
            $"select {MoneyInboxRow.Columns} from money_inbox where entry_id = @EntryId and state = 'open'",
            new { EntryId = entryId }, cancellationToken: cancel));
        return row?.ToEntry();
    }

    public async Task<bool> HasOtherOpenEntriesAsync(MoneyInboxEntry entry, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "select exists (select 1 from money_inbox where order_id = @OrderId and entry_id <> @EntryId and state = 'open')",
            new { entry.OrderId, entry.EntryId }, cancellationToken: cancel));
    }

    public async Task<bool> DismissEntryAsync(Guid entryId, string reason, DateTime now, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(new CommandDefinition(
            "update money_inbox set state = 'dismissed', reason = @Reason, decided_at = @Now where entry_id = @EntryId and state = 'open'",
            new { EntryId = entryId, Reason = reason, Now = now }, cancellationToken: cancel)) == 1;
    }
}
