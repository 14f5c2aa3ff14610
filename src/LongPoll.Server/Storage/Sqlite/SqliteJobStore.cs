using Dapper;
using LongPoll.Server.Jobs;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>Runs of jobs on SQLite.</summary>
internal sealed class SqliteJobStore(SqliteDatabase database) : IJobStore
{
    public Task<bool> TryBeginAsync(Guid runId, string job, DateTime now, DateTime leaseUntil, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) =>
            {
                var values = new { RunId = runId, Job = job, Now = now, LeaseUntil = leaseUntil };
                connection.Execute("update job_runs set ended_at = @Now where job = @Job and ended_at is null and leased_until <= @Now", values, transaction);
                return connection.Execute(
                    "insert or ignore into job_runs (run_id, job, started_at, leased_until) values (@RunId, @Job, @Now, @LeaseUntil)", values, transaction) == 1;
            },
            cancel);

    public Task EndAsync(Guid runId, DateTime now, bool success, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.Execute(
                "update job_runs set ended_at = @Now, success = @Success where run_id = @RunId and ended_at is null",
                new { RunId = runId, Now = now, Success = success }, transaction),
            cancel);

    public async Task<JobStats> CountAsync(string job, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return connection.QuerySingle<JobStats>(
            """
            select count(*) as total, coalesce(sum(success), 0) as succeeded, coalesce(avg(ended_at - started_at), 0.0) as average_duration
            from job_runs where job = @Job and ended_at is not null
            """,
            new { Job = job });
    }

    public async Task<IReadOnlyList<JobRun>> FindRecentAsync(string job, int limit, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return [.. connection.Query<JobRunRow>(JobRunRow.Newest, new { Job = job, Limit = limit }).Select(static r => r.ToJobRun())];
    }
}
