using Dapper;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>Deleting on PostgreSQL. Nodes that do it at once do not mind each other.</summary>
internal sealed class PostgresPurgeStore(PostgresDatabase database) : IPurgeStore
{
    public async Task<int> PurgeAsync(DateTime callbacksBefore, DateTime keysBefore, DateTime doneBefore, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            delete from callbacks where received_at < @CallbacksBefore and result <> 'unmatched';
            delete from idempotency_keys where created_at < @KeysBefore;
            delete from outbox where done_at < @DoneBefore;
            """,
            new { CallbacksBefore = callbacksBefore, KeysBefore = keysBefore, DoneBefore = doneBefore }, cancellationToken: cancel));
    }
}
