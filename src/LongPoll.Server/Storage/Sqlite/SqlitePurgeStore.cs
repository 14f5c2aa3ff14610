using Dapper;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>Deleting on SQLite.</summary>
internal sealed class SqlitePurgeStore(SqliteDatabase database) : IPurgeStore
{
    public Task<int> PurgeAsync(DateTime callbacksBefore, DateTime keysBefore, DateTime doneBefore, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.Execute(
                """
                delete from callbacks where received_at < @CallbacksBefore and result <> 'unmatched';
                delete from idempotency_keys where created_at < @KeysBefore;
                delete from outbox where done_at < @DoneBefore;
                """,
                new { CallbacksBefore = callbacksBefore, KeysBefore = keysBefore, DoneBefore = doneBefore }, transaction),
            cancel);
}
