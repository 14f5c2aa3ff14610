using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Fulfilment;

/// <summary>
/// What a gate asks. Not counted by any limit: a busy gate scans more in a minute than a page may ask in an hour, and no code can be
/// guessed.
/// </summary>
internal static class GateEndpoints
{
    public static void MapGate(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/tickets/{code}").WithTags("Tickets").ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("", LookAsync).WithName("LookAtTicket")
            .Produces<GateView>()
            .WithSummary("Whether a ticket is genuine and unused.");
        group.MapPost("/admit", AdmitAsync).WithName("AdmitTicket").GuardedBy<AdminAccess>()
            .Produces<GateView>()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Uses a ticket, once. A second scan is a 409 that says when the first was (admittedAt).");
    }

    private static async Task<Results<Ok<GateView>, ProblemHttpResult>> LookAsync(HttpContext http, TicketCodes codes, IFulfilmentStore store)
    {
        http.Response.Headers.CacheControl = "no-store";
        return codes.TryRead(RequestSecrets.Of(http.Request).TicketCode, out var name) && await FindAsync(name, store, http.RequestAborted) is var (paid, ticket)
            ? TypedResults.Ok(GateView.Of(paid, ticket))
            : NotGenuine();
    }

    private static async Task<Results<Ok<GateView>, ProblemHttpResult>> AdmitAsync(HttpContext http, TicketCodes codes, IFulfilmentStore store, TimeProvider clock)
    {
        http.Response.Headers.CacheControl = "no-store";
        if (!codes.TryRead(RequestSecrets.Of(http.Request).TicketCode, out var name)
            || await FindAsync(name, store, http.RequestAborted) is not var (paid, _)
            || await store.AdmitAsync(name.OrderId, name.Number, clock.GetUtcTimestamp(), http.RequestAborted) is not { } admission)
        {
            return NotGenuine();
        }

        var ticket = GateView.Of(paid, admission.Ticket);
        return admission.Admitted ? TypedResults.Ok(ticket) : TypedResults.Problem(
            ticket.Status == "used" ? $"This ticket was used at {ticket.AdmittedAt:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}." : "This ticket is not valid any more.",
            statusCode: StatusCodes.Status409Conflict,
            extensions: new Dictionary<string, object?>(StringComparer.Ordinal) { ["ticketStatus"] = ticket.Status, ["admittedAt"] = ticket.AdmittedAt });
    }

    private static async Task<(PaidOrder Paid, Ticket Ticket)?> FindAsync(TicketName name, IFulfilmentStore store, CancellationToken cancel) =>
        await store.FindPaidOrdersAsync([name.OrderId], cancel) is [var paid] && paid.Tickets.FirstOrDefault(t => t.Slot.Number == name.Number) is { } ticket
            ? (paid, ticket)
            : null;

    private static ProblemHttpResult NotGenuine() => TypedResults.Problem("This is no genuine ticket.", statusCode: StatusCodes.Status404NotFound);
}
