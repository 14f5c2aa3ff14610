using LongPoll.Server.Bus;
using LongPoll.Server.Payments;
using LongPoll.Server.Waiting;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Hosting;

/// <summary>How a node that works is.</summary>
/// <param name="Status"><c>ok</c>.</param>
/// <param name="Store">The database answers.</param>
/// <param name="Bus">The bus answers.</param>
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
        group.MapGet("/ready", ReadyAsync).WithName("Ready").WithSummary("Store and bus work, and the node is not draining.")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<Results<Ok<HealthAnswer>, ProblemHttpResult>> ReadyAsync(
        IOrderStore store, IStatusBus bus, Waiters waiters, TimeProvider clock, CancellationToken cancel)
    {
        var checks = await Task.WhenAll(WorksAsync(store.PingAsync, clock, cancel), WorksAsync(bus.PingAsync, clock, cancel));
        var (storeWorks, busWorks, draining) = (checks[0], checks[1], waiters.Draining);
        if (storeWorks && busWorks && !draining)
        {
            return TypedResults.Ok(new HealthAnswer("ok", storeWorks, busWorks, waiters.Count));
        }

        return TypedResults.Problem(
            draining ? "The node is stopping." : "The node cannot do its work right now.",
            statusCode: StatusCodes.Status503ServiceUnavailable,
            extensions: new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["state"] = draining ? "draining" : "unavailable",
                ["store"] = storeWorks,
                ["bus"] = busWorks,
                ["parked"] = waiters.Count,
            });
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
