using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Admin;

/// <summary>A person's right to be forgotten.</summary>
internal static class CustomerEndpoints
{
    public static void MapCustomers(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/admin/customers/{id}/erase", EraseAsync).WithName("EraseCustomer").WithTags("Administration")
            .GuardedBy<AdminAccess>().Limit(RateLimits.Api)
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Blanks a person: all contact details with the same address, and raw callbacks. The books stay, mails not yet sent are dropped.")
            .WithDescription("The id is a customer's, or that of one of their orders.");

    private static async Task<Results<NoContent, ProblemHttpResult>> EraseAsync(
        OrderId id, IErasureStore store, Announcements announcements, TimeProvider clock, CancellationToken cancel)
    {
        if (await store.EraseAsync(id.Value, clock.GetUtcTimestamp(), cancel) is not { } orders)
        {
            return TypedResults.Problem("There is no such customer, or they were erased before.", statusCode: StatusCodes.Status404NotFound);
        }

        // The views in caches and on pages still show a first name and masks.
        foreach (var order in orders)
        {
            announcements.Post(order);
        }

        return TypedResults.NoContent();
    }
}
