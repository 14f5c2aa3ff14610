using Dapper;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>Reconciling on SQLite.</summary>
internal sealed class SqliteReconcileStore(SqliteDatabase database) : IReconcileStore
{
    private const string Due = "ask_at is not null and ask_at <= @Now and (asking_until is null or asking_until <= @Now)";

    public async Task<IReadOnlyList<SilentAttempt>> ClaimSilentAttemptsAsync(
        DateTime now, DateTime leaseUntil, TimeSpan confirmAfter, int limit, CancellationToken cancel)
    {
        // Most sweeps find nothing: they should not take the writer's place.
        await using (var connection = await database.OpenAsync(cancel))
        {
            if (!connection.ExecuteScalar<bool>($"select exists (select 1 from payment_attempts where {Due})", new { Now = now }))
            {
                return [];
            }
        }

        return await database.WriteAsync<IReadOnlyList<SilentAttempt>>(
            (connection, transaction) =>
            {
                connection.Execute(
                    $"update payment_attempts set ask_at = ended_at + @ConfirmAfter where {Due} and state = 'paid' and ended_at > @Now - @ConfirmAfter",
                    new { Now = now, ConfirmAfter = (long)confirmAfter.TotalMilliseconds }, transaction);
                var silent = connection.Query<AttemptRow, SilentAttemptRow, SilentAttempt>(
                    $"""
                    select {AttemptRow.Columns}, o.expires_at as order_expires_at
                    from payment_attempts a join orders o using (order_id)
                    where {Due} order by ask_at limit @Limit
                    """,
                    static (attempt, order) => order.ToSilentAttempt(attempt),
                    new { Now = now, Limit = limit }, transaction, splitOn: "order_expires_at").ToList();
                connection.Execute(
                    "update payment_attempts set ask_at = @LeaseUntil, asking_until = @LeaseUntil where attempt_id = @AttemptId",
                    silent.Select(s => new { s.Attempt.AttemptId, LeaseUntil = leaseUntil }), transaction);
                return silent;
            },
            cancel);
    }

    public Task<bool> TryLeaseAskAsync(Guid attemptId, DateTime now, DateTime leaseUntil, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.Execute(
                """
                update payment_attempts set asking_until = @LeaseUntil
                where attempt_id = @AttemptId and (asking_until is null or asking_until <= @Now)
                """,
                new { AttemptId = attemptId, Now = now, LeaseUntil = leaseUntil }, transaction) == 1,
            cancel);

    public Task ReleaseAskAsync(Guid attemptId, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.Execute(
                "update payment_attempts set asking_until = null where attempt_id = @AttemptId", new { AttemptId = attemptId }, transaction),
            cancel);

    public Task ScheduleAsksAsync(IReadOnlyCollection<NextAsk> asks, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.Execute(
                """
                update payment_attempts set ask_at = case when ask_at < asking_until then ask_at else @At end, asking_until = null
                where attempt_id = @AttemptId
                """,
                asks, transaction),
            cancel);
}
