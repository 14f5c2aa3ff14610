using System.Globalization;
using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Waiting;

/// <summary>The endpoints that hold a request until an order changes.</summary>
internal static class WaitEndpoints
{
    public static void MapWaiting(this IEndpointRouteBuilder routes)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<WaitEndpoint>();
        var group = routes.MapGroup("/orders/{id}").WithTags("Waiting").GuardedBy<ReadAccess>().Limit(RateLimits.Polling)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/wait", endpoint.Wait).WithName("WaitForOrder")
            .ReadsHeader("Prefer", "wait=N means the same as timeout=N (RFC 7240), and is acknowledged with Preference-Applied.")
            .Produces<OrderView>()
            .WithSummary("Holds the request until the order is settled (or changes), or time is up; then answers the current view.")
            .WithDescription("LongPoll-Ending tells how it ended: cache, database, notified, timeout or draining.");
        group.MapGet("/events", EventStream.StreamAsync).WithName("OrderEvents")
            .ReadsHeader("Last-Event-ID", "The last version that was seen; browsers send it by themselves.")
            .Produces(StatusCodes.Status200OK, contentType: "text/event-stream")
            .Produces(StatusCodes.Status204NoContent)
            .WithSummary("The same as server-sent events; ends when the order is settled and fulfilled.");
    }
}

/// <summary>
/// <c>GET /orders/{id}/wait</c>. Thousands of these stand still at a time, so what a parked request holds on to is kept small:
/// one asynchronous method, no service scope, no timer of its own.
/// </summary>
internal sealed class WaitEndpoint(WaitForOrder wait, IOptions<LongPollOptions> options, TimeProvider clock)
{
    /// <summary>Understands the request; the answer that it returns does the waiting.</summary>
    public IResult Wait(OrderId id, [AsParameters] WaitQuery query, HttpContext http) =>
        query.Check(http.Request, options.Value, out var condition, out var patience) is { } errors
            ? TypedResults.ValidationProblem(errors, detail: "The wait cannot be understood.")
            : new Answer(this, id.Value, condition, patience, query.Preferred);

    private async Task WaitAsync(Answer asked, HttpContext http)
    {
        var began = clock.GetTimestamp();
        var waiter = await wait.BeginAsync(asked.OrderId, asked.Condition, asked.Patience, http.RequestAborted);
        await waiter.Task;
        var took = clock.GetElapsedTime(began);
        var result = await wait.EndAsync(waiter, took, http.RequestAborted);
        if (result.Ending == WaitEnding.ClientLeft)
        {
            return;
        }

        if (result.Snapshot is not { } snapshot)
        {
            await WaitProblems.For(result.Ending, http.Response).ExecuteAsync(http);
            return;
        }

        var headers = http.Response.Headers;
        headers["LongPoll-Ending"] = Ending(result.Ending);
        headers["X-Accel-Buffering"] = "no";
        headers["Server-Timing"] = string.Create(CultureInfo.InvariantCulture, $"wait;dur={took.TotalMilliseconds:0.#}");
        if (asked.Preferred is { } seconds)
        {
            headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={seconds}");
        }

        await OrderViewResult.WriteAsync(http, snapshot);
    }

    private static string Ending(WaitEnding ending) => ending switch
    {
        WaitEnding.Cache => "cache",
        WaitEnding.Database => "database",
        WaitEnding.Notified => "notified",
        WaitEnding.Timeout => "timeout",
        _ => "draining",
    };

    private sealed class Answer(WaitEndpoint endpoint, Guid orderId, WaitCondition condition, TimeSpan patience, int? preferred) : IResult
    {
        public Guid OrderId { get; } = orderId;

        public WaitCondition Condition { get; } = condition;

        public TimeSpan Patience { get; } = patience;

        public int? Preferred { get; } = preferred;

        public Task ExecuteAsync(HttpContext httpContext) => endpoint.WaitAsync(this, httpContext);
    }
}

/// <summary>The query of a wait.</summary>
internal sealed record WaitQuery
{
    private const int LongestSeconds = 120;

    /// <summary>Seconds to hold the request, 1…120; default is <c>LongPoll:Hold</c>.</summary>
    [FromQuery(Name = "timeout")]
    public string? Timeout { get; init; }

    /// <summary>The last version that the page has seen.</summary>
    [FromQuery(Name = "since")]
    public string? Since { get; init; }

    /// <summary><c>change</c>, <c>settled</c> or <c>fulfilled</c>; default is <c>settled</c> without <c>since</c>, <c>change</c> with it.</summary>
    [FromQuery(Name = "until")]
    public string? Until { get; init; }

    /// <summary>The seconds of <c>Prefer: wait=N</c> (RFC 7240), when they were taken.</summary>
    internal int? Preferred { get; private set; }

    internal Dictionary<string, string[]>? Check(HttpRequest request, LongPollOptions options, out WaitCondition condition, out TimeSpan patience)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        patience = options.Hold;
        if (Timeout is not null)
        {
            Seconds("timeout", Timeout, errors, ref patience);
        }
        else if (Preference(request) is { } preferred)
        {
            Preferred = Seconds("Prefer", preferred, errors, ref patience);
        }

        long? since = null;
        if (Since is not null)
        {
            since = long.TryParse(Since, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
            if (since is null)
            {
                errors["since"] = ["Must be a version: a whole number, 0 or more."];
            }
        }

        var until = Until switch
        {
            null => since is null ? WaitUntil.Settled : WaitUntil.Change,
            "change" => WaitUntil.Change,
            "settled" => WaitUntil.Settled,
            "fulfilled" => WaitUntil.Fulfilled,
            _ => (WaitUntil?)null,
        };
        if (until is null)
        {
            errors["until"] = ["Must be change, settled or fulfilled."];
        }

        condition = new WaitCondition(since, until ?? WaitUntil.Settled);
        return errors.Count > 0 ? errors : null;
    }

    private static int? Seconds(string field, string text, Dictionary<string, string[]> errors, ref TimeSpan patience)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds is >= 1 and <= LongestSeconds)
        {
            patience = TimeSpan.FromSeconds(seconds);
            return seconds;
        }

        errors[field] = [$"Must be 1 to {LongestSeconds} seconds."];
        return null;
    }

    /// <summary>The value of <c>wait</c> among the preferences, or null.</summary>
    private static string? Preference(HttpRequest request)
    {
        foreach (var line in request.Headers["Prefer"])
        {
            foreach (var part in (line ?? "").Split([',', ';'], StringSplitOptions.TrimEntries))
            {
                // Blanks around the sign are allowed (RFC 7240).
                if (part.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var value] && name.Equals("wait", StringComparison.OrdinalIgnoreCase))
                {
                    return value.Trim('"');
                }
            }
        }

        return null;
    }
}

/// <summary>Answers for waits that end without a view.</summary>
internal static class WaitProblems
{
    public static ProblemHttpResult For(WaitEnding ending, HttpResponse response)
    {
        switch (ending)
        {
            case WaitEnding.Unknown:
                return Problems.NoSuchOrder();

            case WaitEnding.OrderFull:
                RetryAfter.Set(response, atLeast: 2, spread: 4);
                return TypedResults.Problem("Too many requests wait for this order.", statusCode: StatusCodes.Status429TooManyRequests);

            case WaitEnding.NodeFull:
                // Spread, so that the crowd does not come back as one.
                RetryAfter.Set(response, atLeast: 1, spread: 5);
                return TypedResults.Problem("This node takes no more waiting requests right now.", statusCode: StatusCodes.Status503ServiceUnavailable);

            default:
                RetryAfter.Set(response, atLeast: 1, spread: 5);
                return TypedResults.Problem("The order cannot be read right now.", statusCode: StatusCodes.Status503ServiceUnavailable);
        }
    }
}
