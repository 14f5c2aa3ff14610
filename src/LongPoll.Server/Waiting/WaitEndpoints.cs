using System.Globalization;
using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Waiting;

/// <summary>Marks endpoints whose requests stand still, thousands at a time: whatever holds on to each of them has to be small.</summary>
internal sealed class Parks;

/// <summary>The endpoints that hold a request until an order changes.</summary>
internal static class WaitEndpoints
{
    public static void MapWaiting(this IEndpointRouteBuilder routes)
    {
        var endpoint = routes.ServiceProvider.GetRequiredService<WaitEndpoint>();
        var group = routes.MapGroup("/orders/{id}").WithTags("Waiting").GuardedBy<ReadAccess>().Limit(RateLimits.Polling).WithMetadata(new Parks())
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/wait", endpoint.WaitAsync).WithName("WaitForOrder")
            .ReadsQuery("timeout", $"Seconds to hold the request, 1…{WaitQuery.LongestSeconds}; default is LongPoll:Hold.")
            .ReadsQuery("since", "The last version that the page has seen.")
            .ReadsQuery("until", "change, settled or fulfilled; default is settled without since, change with it.")
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
/// the request is its own waiter, without an asynchronous method, a service scope, a parsed query or route, or a timer of its own.
/// </summary>
internal sealed class WaitEndpoint(WaitForOrder wait, IOptions<LongPollOptions> options, TimeProvider clock)
{
    public Task WaitAsync(OrderId id, HttpContext http)
    {
        if (!WaitQuery.TryRead(http.Request, options.Value.Hold, out var query, out var errors))
        {
            return TypedResults.ValidationProblem(errors, detail: "The wait cannot be understood.").ExecuteAsync(http);
        }

        // The route has been read; Kestrel makes a new one when somebody asks.
        http.Request.RouteValues = null!;
        var page = new ParkedPage(this, http, id.Value, query.Condition, clock.GetTimestamp(), query.Preferred ? (int)query.Patience.TotalSeconds : null);
        return page.HoldAsync(wait, query.Patience, ClientLeft(http));
    }

    /// <summary>Answers a page whose wait is over, unless it has left.</summary>
    public async Task AnswerAsync(Waiter waiter, long began, int? preferred, HttpContext http)
    {
        var took = clock.GetElapsedTime(began);
        var result = await wait.EndAsync(waiter, took, ClientLeft(http));
        if (result.Ending == WaitEnding.ClientLeft)
        {
            // Kestrel may hear of it after us, and would end an answer that was never begun: 200, and nothing in it.
            if (!http.RequestAborted.IsCancellationRequested)
            {
                http.Abort();
            }

            return;
        }

        if (result.Snapshot is not { } snapshot)
        {
            await WaitProblems.For(result.Ending, http.Response).ExecuteAsync(http);
            return;
        }

        SecurityHeaders.Set(http);
        var headers = http.Response.Headers;
        headers["LongPoll-Ending"] = Ending(result.Ending);
        headers["X-Accel-Buffering"] = "no";
        headers["Server-Timing"] = string.Create(CultureInfo.InvariantCulture, $"wait;dur={took.TotalMilliseconds:0.#}");
        if (preferred is { } seconds)
        {
            headers["Preference-Applied"] = string.Create(CultureInfo.InvariantCulture, $"wait={seconds}");
        }

        await OrderViewResult.WriteAsync(http, snapshot);
    }

    // Before HTTP/2 it is the connection that ends. That each request can be told of its end costs a source of its own for each.
    private static CancellationToken ClientLeft(HttpContext http) =>
        (HttpProtocol.IsHttp11(http.Request.Protocol) || HttpProtocol.IsHttp10(http.Request.Protocol)) && http.Features.Get<IConnectionLifetimeFeature>() is { } connection
            ? connection.ConnectionClosed
            : http.RequestAborted;

    private static string Ending(WaitEnding ending) => ending switch
    {
        WaitEnding.Cache => "cache",
        WaitEnding.Database => "database",
        WaitEnding.Notified => "notified",
        WaitEnding.Timeout => "timeout",
        _ => "draining",
    };
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
