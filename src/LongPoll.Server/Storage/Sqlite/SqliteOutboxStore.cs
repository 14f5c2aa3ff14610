using Dapper;
using LongPoll.Server.Outbox;
using Microsoft.Data.Sqlite;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>The outbox on SQLite.</summary>
internal sealed class SqliteOutboxStore(SqliteDatabase database) : IOutboxStore
{
    private const string Due = $"kind = @Kind and {OutboxRow.Due}";

    public async Task<IReadOnlyList<string>> FindDueKindsAsync(IReadOnlyCollection<string> kinds, DateTime now, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return [.. kinds.Where(kind => IsDue(connection, kind, now))];
    }

    public async Task<IReadOnlyList<OutboxMessage>> ClaimAsync(string kind, DateTime now, DateTime leaseUntil, int limit, CancellationToken cancel)
    {
        // What nudged may be done already, with what nudged before: that should not take the writer's place.
        await using (var connection = await database.OpenAsync(cancel))
        {
            if (!IsDue(connection, kind, now))
            {
                return [];
            }
        }

        return await database.WriteAsync<IReadOnlyList<OutboxMessage>>(
            (connection, transaction) =>
            [
                .. connection.Query<OutboxRow>(
                    $"""
                    update outbox set leased_until = @LeaseUntil, tries = tries + 1
                    where message_id in (select message_id from outbox where {Due} order by due_at limit @Limit)
                    returning message_id, kind, key, order_id, subject_id, created_at, due_at, tries
                    """,
                    new { Kind = kind, Now = now, LeaseUntil = leaseUntil, Limit = limit }, transaction).Select(r => r.ToMessage()),
            ],
            cancel);
    }

    public Task CompleteAsync(Guid messageId, DateTime now, CancellationToken cancel) => RunAsync(
        "update outbox set done_at = @Now, leased_until = null, reason = null where message_id = @MessageId",
        new { MessageId = messageId, Now = now },
        cancel);

    public Task PostponeAsync(Guid messageId, DateTime dueAt, string reason, CancellationToken cancel) => RunAsync(
        "update outbox set due_at = @DueAt, leased_until = null, reason = @Reason where message_id = @MessageId and done_at is null",
        new { MessageId = messageId, DueAt = dueAt, Reason = reason },
        cancel);

    public Task BuryAsync(Guid messageId, DateTime now, string reason, CancellationToken cancel) => RunAsync(
        "update outbox set buried_at = @Now, leased_until = null, reason = @Reason where message_id = @MessageId and done_at is null",
        new { MessageId = messageId, Now = now, Reason = reason },
        cancel);

    private static bool IsDue(SqliteConnection connection, string kind, DateTime now) =>
        connection.ExecuteScalar<bool>($"select exists (select 1 from outbox where {Due})", new { Kind = kind, Now = now });

    private Task<int> RunAsync(string sql, object parameters, CancellationToken cancel) =>
        database.WriteAsync((connection, transaction) => connection.Execute(sql, parameters, transaction), cancel);
}
