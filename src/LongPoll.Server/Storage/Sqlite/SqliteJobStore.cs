using Dapper;
using LongPoll.Server.Jobs;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>Runs of jobs on SQLite.</summary>
internal sealed class SqliteJobStore(SqliteDatabase database) : IJobStore
{
    public Task<bool> TryBeginAsync(Guid runId, string job, DateTime? tick, DateTime now, DateTime leaseUntil, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.ExecuteScalar<bool>(
                """
                update job_runs set ended_at = leased_until where job = @Job and ended_at is null and leased_until <= @Now;
                insert or ignore into job_runs (run_id, job, scheduled_for, started_at, leased_until) values (@RunId, @Job, @Tick, @Now, @LeaseUntil);
                select exists (select 1 from job_runs where run_id = @RunId and ended_at is null)
                """,
                new { RunId = runId, Job = job, Tick = tick, Now = now, LeaseUntil = leaseUntil }, transaction),
            cancel);

    public Task<bool> RenewAsync(Guid runId, DateTime leaseUntil, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.Execute(
                "update job_runs set leased_until = @LeaseUntil where run_id = @RunId and ended_at is null", new { RunId = runId, LeaseUntil = leaseUntil }, transaction) == 1,
            cancel);

    public Task EndAsync(Guid runId, DateTime now, bool success, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.Execute(
                "update job_runs set ended_at = @Now, success = @Success where run_id = @RunId and ended_at is null",
                new { RunId = runId, Now = now, Success = success }, transaction),
            cancel);

    public async Task<JobStats> CountAsync(string job, DateTime now, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return connection.QuerySingle<JobStats>(
            """
            select coalesce(sum(executions), 0) as total, coalesce(sum(succeeded), 0) as succeeded,
                   coalesce(sum(milliseconds) * 1.0 / nullif(sum(executions), 0), 0.0) as average_duration
            from (
                select 1 as executions, success as succeeded, coalesce(ended_at, leased_until) - started_at as milliseconds
                from job_runs where job = @Job and (ended_at is not null or leased_until <= @Now)
                union all
                select executions, succeeded, milliseconds from job_totals where job = @Job
            )
            """,
            new { Job = job, Now = now });
    }

    public async Task<IReadOnlyList<JobRun>> FindRecentAsync(string job, DateTime now, int limit, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return [.. connection.Query<JobRunRow>(JobRunRow.Newest, new { Job = job, Now = now, Limit = limit }).Select(static r => r.ToJobRun())];
    }

    public Task<int> ForgetAsync(DateTime before, int keep, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) =>
            {
                const string Old =
                    """
                    ended_at < @Before
                    and started_at < (select n.started_at from job_runs n where n.job = job_runs.job order by n.started_at desc limit 1 offset @Keep - 1)
                    """;
                var values = new { Before = before, Keep = keep };
                connection.Execute(
                    $"""
                    insert into job_totals (job, executions, succeeded, milliseconds)
                    select job, count(*), sum(success), sum(ended_at - started_at) from job_runs where {Old} group by job
                    on conflict (job) do update set executions = executions + excluded.executions,
                        succeeded = succeeded + excluded.succeeded, milliseconds = milliseconds + excluded.milliseconds
                    """,
                    values, transaction);
                return connection.Execute($"delete from job_runs where {Old}", values, transaction);
            },
            cancel);
}
