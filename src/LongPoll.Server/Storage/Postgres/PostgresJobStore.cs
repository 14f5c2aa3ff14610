using Dapper;
using LongPoll.Server.Jobs;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>Runs of jobs on PostgreSQL.</summary>
internal sealed class PostgresJobStore(PostgresDatabase database) : IJobStore
{
    public async Task<bool> TryBeginAsync(Guid runId, string job, DateTime? tick, DateTime now, DateTime leaseUntil, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            update job_runs set ended_at = leased_until where job = @Job and ended_at is null and leased_until <= @Now;
            insert into job_runs (run_id, job, scheduled_for, started_at, leased_until) values (@RunId, @Job, @Tick, @Now, @LeaseUntil)
            on conflict do nothing;
            select exists (select from job_runs where run_id = @RunId and ended_at is null)
            """,
            new { RunId = runId, Job = job, Tick = tick, Now = now, LeaseUntil = leaseUntil }, cancellationToken: cancel));
    }

    public async Task<bool> RenewAsync(Guid runId, DateTime leaseUntil, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(new CommandDefinition(
            "update job_runs set leased_until = @LeaseUntil where run_id = @RunId and ended_at is null",
            new { RunId = runId, LeaseUntil = leaseUntil }, cancellationToken: cancel)) == 1;
    }

    public async Task EndAsync(Guid runId, DateTime now, bool success, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            "update job_runs set ended_at = @Now, success = @Success where run_id = @RunId and ended_at is null",
            new { RunId = runId, Now = now, Success = success }, cancellationToken: cancel));
    }

    public async Task<JobStats> CountAsync(string job, DateTime now, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.QuerySingleAsync<JobStats>(new CommandDefinition(
            """
            select coalesce(sum(executions), 0)::bigint as total, coalesce(sum(succeeded), 0)::bigint as succeeded,
                   coalesce(sum(milliseconds) / nullif(sum(executions), 0), 0)::float8 as average_duration
            from (
                select 1 as executions, success::int as succeeded, extract(epoch from coalesce(ended_at, leased_until) - started_at) * 1000 as milliseconds
                from job_runs where job = @Job and (ended_at is not null or leased_until <= @Now)
                union all
                select executions, succeeded, milliseconds from job_totals where job = @Job
            ) as counted
            """,
            new { Job = job, Now = now }, cancellationToken: cancel));
    }

    public async Task<IReadOnlyList<JobRun>> FindRecentAsync(string job, DateTime now, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return [.. (await connection.QueryAsync<JobRunRow>(new CommandDefinition(JobRunRow.Newest, new { Job = job, Now = now, Limit = limit }, cancellationToken: cancel)))
            .Select(static r => r.ToJobRun())];
    }

    public async Task<int> ForgetAsync(DateTime before, int keep, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<int>(new CommandDefinition(
            """
            with forgotten as (
                delete from job_runs r where ended_at < @Before
                    and started_at < (select n.started_at from job_runs n where n.job = r.job order by n.started_at desc limit 1 offset @Keep - 1)
                returning job, success, extract(epoch from ended_at - started_at) * 1000 as milliseconds
            ), counted as (
                insert into job_totals as t (job, executions, succeeded, milliseconds)
                select job, count(*), count(*) filter (where success), sum(milliseconds) from forgotten group by job
                on conflict (job) do update set executions = t.executions + excluded.executions,
                    succeeded = t.succeeded + excluded.succeeded, milliseconds = t.milliseconds + excluded.milliseconds
            )
            select count(*)::int from forgotten
            """,
            new { Before = before, Keep = keep }, cancellationToken: cancel));
    }
}
