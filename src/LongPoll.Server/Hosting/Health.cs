using LongPoll.Server.Bus;
using LongPoll.Server.Payments;
using LongPoll.Server.Waiting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Hosting;

/// <summary>How a node is.</summary>
/// <param name="Status"><c>ok</c>, <c>draining</c> or <c>unavailable</c>.</param>
/// <param name="Store">Does the database answer?</param>
/// <param name="Bus">Does the bus answer?</param>
/// <param name="Parked">Requests parked on this node.</param>
public sealed record HealthAnswer(string Status, bool Store, bool Bus, int Parked);

/// <summary>Is the process alive, and should it get requests?</summary>
internal static class Health
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/health").WithTags("Health");
        group.MapGet("/live", () => TypedResults.Text("ok")).WithName("Live").WithSummary("The process works.");
        group.MapGet("/ready", ReadyAsync).WithName("Ready").WithSummary("Store and bus work, and the node is not draining.");
    }

    private static async Task<Results<Ok<HealthAnswer>, JsonHttpResult<HealthAnswer>>> ReadyAsync(
        IOrderStore store, IStatusBus bus, Waiters waiters, TimeProvider clock, CancellationToken cancel)
    {
        var checks = await Task.WhenAll(WorksAsync(store.PingAsync, clock, cancel), WorksAsync(bus.PingAsync, clock, cancel));
        var ready = checks[0] && checks[1] && !waiters.Draining;
        var answer = new HealthAnswer(waiters.Draining ? "draining" : ready ? "ok" : "unavailable", checks[0], checks[1], waiters.Count);
        return ready ? TypedResults.Ok(answer) : TypedResults.Json(answer, statusCode: StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<bool> WorksAsync(Func<CancellationToken, Task> ping, TimeProvider clock, CancellationToken cancel)
    {
        try
        {
            await ping(cancel).WaitAsync(Limit, clock, cancel);
            return true;
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }
}
