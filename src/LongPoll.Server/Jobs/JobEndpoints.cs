using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Jobs;

/// <summary>One run. <c>EndTime</c> is null while it runs.</summary>
public sealed record JobExecution(DateTime StartTime, DateTime? EndTime, bool Success);

/// <summary>All ended runs together: the average in milliseconds, the rate in per cent.</summary>
public sealed record JobStatistics(
    long TotalExecutions, long SuccessCount, long FailureCount, double AverageDuration, double SuccessRate, JobExecution? LastExecution);

/// <summary>What is known of a job.</summary>
public sealed record JobStatus(string JobName, JobStatistics Stats, IReadOnlyList<JobExecution> RecentExecutions);

/// <summary>How a run ended that was asked for; the duration in milliseconds.</summary>
public sealed record JobResult(string JobName, bool Success, double Duration);

/// <summary>Endpoints behind the cron secret (<c>x-cron-secret</c>).</summary>
internal static class JobEndpoints
{
    /// <summary>How many runs are told one by one.</summary>
    public const int Recent = 10;

    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/jobs").WithTags("Jobs").GuardedBy<CronAccess>().Limit(RateLimits.Api)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);
        group.MapPost("/{name}", RunAsync)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Runs a job now, and tells how it ended. 409 while it runs already, and when it is switched off.");
        group.MapGet("/{name}", ReadAsync)
            .WithSummary("How a job has been doing, and its last ten runs.");
    }

    private static async Task<Results<Ok<JobResult>, ProblemHttpResult>> RunAsync(string name, JobRunner runner, JobPlans plans)
    {
        if (!runner.Knows(name))
        {
            return TypedResults.Problem("There is no such job.", statusCode: StatusCodes.Status404NotFound);
        }

        if (!plans.IsEnabled(name))
        {
            return TypedResults.Problem($"The job is switched off: Jobs:{name}:Enabled is false.", statusCode: StatusCodes.Status409Conflict);
        }

        var outcome = await runner.RunAsync(name);
        return outcome.Ran
            ? TypedResults.Ok(new JobResult(name, outcome.Success, Math.Round(outcome.Took.TotalMilliseconds, 1)))
            : TypedResults.Problem("The job is running already.", statusCode: StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Ok<JobStatus>, ProblemHttpResult>> ReadAsync(
        string name, JobRunner runner, IJobStore store, TimeProvider clock, CancellationToken cancel)
    {
        if (!runner.Knows(name))
        {
            return TypedResults.Problem("There is no such job.", statusCode: StatusCodes.Status404NotFound);
        }

        var now = clock.GetUtcTimestamp();
        var stats = await store.CountAsync(name, now, cancel);
        JobExecution[] recent = [.. (await store.FindRecentAsync(name, now, Recent, cancel)).Select(static r => new JobExecution(r.StartedAt, r.EndedAt, r.Success))];
        return TypedResults.Ok(new JobStatus(
            name,
            new JobStatistics(
                stats.Total, stats.Succeeded, stats.Total - stats.Succeeded, Math.Round(stats.AverageDuration, 1),
                stats.SuccessRate, recent.FirstOrDefault(static r => r.EndTime is not null)),
            recent));
    }
}
