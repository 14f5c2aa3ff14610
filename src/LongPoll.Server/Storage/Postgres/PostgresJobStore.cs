using Dapper;
using LongPoll.Server.Jobs;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>Runs of jobs on PostgreSQL.</summary>
internal sealed class PostgresJobStore(PostgresDatabase database) : IJobStore
{
    public async Task<bool> TryBeginAsync(Guid runId, string job, DateTime now, DateTime leaseUntil, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            """
            update job_runs set ended_at = @Now where job = @Job and ended_at is null and leased_until <= @Now;
            with begun as (
                insert into job_runs (run_id, job, started_at, leased_until) values (@RunId, @Job, @Now, @LeaseUntil)
                on conflict (job) where ended_at is null do nothing returning run_id
            )
            select exists (select from begun)
            """,
            new { RunId = runId, Job = job, Now = now, LeaseUntil = leaseUntil }, cancellationToken: cancel));
    }

    public async Task EndAsync(Guid runId, DateTime now, bool success, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            "update job_runs set ended_at = @Now, success = @Success where run_id = @RunId and ended_at is null",
            new { RunId = runId, Now = now, Success = success }, cancellationToken: cancel));
    }

    public async Task<JobStats> CountAsync(string job, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.QuerySingleAsync<JobStats>(new CommandDefinition(
            """
            select count(*) as total, count(*) filter (where success) as succeeded,
                   coalesce(avg(extract(epoch from ended_at - started_at) * 1000), 0)::float8 as average_duration
            from job_runs where job = @Job and ended_at is not null
            """,
            new { Job = job }, cancellationToken: cancel));
    }

    public async Task<IReadOnlyList<JobRun>> FindRecentAsync(string job, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return [.. (await connection.QueryAsync<JobRunRow>(new CommandDefinition(JobRunRow.Newest, new { Job = job, Limit = limit }, cancellationToken: cancel)))
            .Select(static r => r.ToJobRun())];
    }
}
