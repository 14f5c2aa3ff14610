using Dapper;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>Reconciling on PostgreSQL. Many nodes claim side by side: <c>skip locked</c> keeps them apart.</summary>
internal sealed class PostgresReconcileStore(PostgresDatabase database) : IReconcileStore
{
    private const string Due = "ask_at <= @Now and (asking_until is null or asking_until <= @Now)";
    private const string JustPaid = "state = 'paid' and ended_at > @Now - @ConfirmAfter";

    public async Task<IReadOnlyList<SilentAttempt>> ClaimSilentAttemptsAsync(
        DateTime now, DateTime leaseUntil, TimeSpan confirmAfter, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<AttemptRow, SilentAttemptRow, SilentAttempt>(
            new CommandDefinition(
                // One statement for both, because every node asks it every second and most seconds there is nothing. What it says of the
                // commit holds for all of it.
                $"""
                with just_paid as (
                    select attempt_id from payment_attempts
                    where {PostgresDatabase.Unhurried} and {Due} and {JustPaid}
                    for update skip locked
                ), put_off as (
                    update payment_attempts a set ask_at = a.ended_at + @ConfirmAfter from just_paid where a.attempt_id = just_paid.attempt_id
                ), due as (
                    select attempt_id from payment_attempts
                    where {Due} and ({JustPaid}) is not true
                    order by ask_at limit @Limit for update skip locked
                ), claimed as (
                    update payment_attempts a set ask_at = @LeaseUntil, asking_until = @LeaseUntil from due where a.attempt_id = due.attempt_id
                    returning {AttemptRow.Columns}
                )
                select a.*, o.expires_at as order_expires_at
                from claimed a join orders o using (order_id)
                """,
                new { Now = now, LeaseUntil = leaseUntil, ConfirmAfter = confirmAfter, Limit = limit },
                cancellationToken: cancel),
            static (attempt, order) => order.ToSilentAttempt(attempt),
            splitOn: "order_expires_at");
        return [.. rows];
    }

    public async Task<bool> TryLeaseAskAsync(Guid attemptId, DateTime now, DateTime leaseUntil, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(new CommandDefinition(
            """
            update payment_attempts set asking_until = @LeaseUntil
            where attempt_id = @AttemptId and (asking_until is null or asking_until <= @Now)
            """,
            new { AttemptId = attemptId, Now = now, LeaseUntil = leaseUntil }, cancellationToken: cancel)) == 1;
    }

    public async Task ReleaseAskAsync(Guid attemptId, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            "update payment_attempts set asking_until = null where attempt_id = @AttemptId",
            new { AttemptId = attemptId }, cancellationToken: cancel));
    }

    public async Task ScheduleAsksAsync(IReadOnlyCollection<NextAsk> asks, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);

        // In the order of the orders' ids, as every statement that takes many, so that two of them cannot block each other.
        var sorted = asks.OrderBy(static a => a.OrderId).ToArray();
        await connection.ExecuteAsync(new CommandDefinition(
            $"""
            update payment_attempts a
            set ask_at = case when a.ask_at < a.asking_until then a.ask_at else next.at end, asking_until = null
            from unnest(@AttemptIds::uuid[], @At::timestamptz[]) as next(attempt_id, at)
            where a.attempt_id = next.attempt_id and {PostgresDatabase.Unhurried}
            """,
            new { AttemptIds = sorted.Select(static a => a.AttemptId).ToArray(), At = sorted.Select(static a => a.At).ToArray() },
            cancellationToken: cancel));
    }
}
