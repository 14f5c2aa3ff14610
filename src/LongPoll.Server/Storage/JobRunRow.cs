using LongPoll.Server.Jobs;

namespace LongPoll.Server.Storage;

/// <summary>A row of <c>job_runs</c>.</summary>
internal sealed class JobRunRow
{
    // A run whose lease is over ended with it, whether or not somebody has noted that yet.
    public const string Newest =
        """
        select started_at, coalesce(ended_at, case when leased_until <= @Now then leased_until end) as ended_at, success
        from job_runs where job = @Job order by started_at desc limit @Limit
        """;

    public DateTime StartedAt { get; init; }

    public DateTime? EndedAt { get; init; }

    public bool Success { get; init; }

    public JobRun ToJobRun() => new(StartedAt, EndedAt, Success);
}
