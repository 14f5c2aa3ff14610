using Dapper;
using LongPoll.Server.Outbox;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>The outbox on PostgreSQL. Many workers claim side by side: <c>skip locked</c> keeps them apart.</summary>
internal sealed class PostgresOutboxStore(PostgresDatabase database) : IOutboxStore
{
    public async Task<IReadOnlyList<string>> FindDueKindsAsync(IReadOnlyCollection<string> kinds, DateTime now, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var due = await connection.QueryAsync<string>(new CommandDefinition(
            // The first message of each kind answers for it, however long the backlog is. As "exists" it would be a join, and its plan might
            // read all that is due of all kinds. All lanes hang on this answer, so it has seconds and not ten of them.
            $"""
            select lane.kind from unnest(@Kinds::text[]) as lane(kind)
            cross join lateral (select 1 from outbox o where o.kind = lane.kind and {OutboxRow.Due} limit 1) as due
            """,
            new { Kinds = kinds, Now = now },
            commandTimeout: 2,
            cancellationToken: cancel));
        return [.. due];
    }

    public async Task<IReadOnlyList<OutboxMessage>> ClaimAsync(string kind, DateTime now, DateTime leaseUntil, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<OutboxRow>(new CommandDefinition(
            // The kind is one of our own words. Written out, each lane has a statement of its own in the database's books. A lease that
            // a crash of the database undoes is one that ran out early: handlers are safe to repeat.
            $"""
            update outbox set leased_until = @LeaseUntil, tries = tries + 1
            where message_id in (
                select message_id from outbox
                where {PostgresDatabase.Unhurried}
                  and kind = '{kind}' and {OutboxRow.Due}
                order by due_at limit @Limit for update skip locked)
            returning message_id, kind, key, order_id, subject_id, created_at, due_at, tries
            """,
            new { Now = now, LeaseUntil = leaseUntil, Limit = limit },
            cancellationToken: cancel));
        return [.. rows.Select(r => r.ToMessage())];
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

    private async Task RunAsync(string sql, object parameters, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancel));
    }
}
