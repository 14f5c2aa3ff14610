using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace LongPoll.Server.Fulfilment;

/// <summary>The buyer's tickets, behind the order's access token: as JSON, as pages, and as QR images.</summary>
internal static class WalletEndpoints
{
    private const string PagePolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void MapWallet(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/orders/{id}/tickets").WithTags("Tickets").GuardedBy<TokenAccess>()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound);
        group.MapGet("", ListAsync).WithName("ListTickets").Limit(RateLimits.Polling)
            .Produces<WalletView>()
            .WithSummary("The tickets of an order with their codes. A browser that asks for HTML gets a page.");
        group.MapGet("/{n:int}", ShowAsync).WithName("ShowTicket").Limit(RateLimits.Public)
            .Produces(StatusCodes.Status200OK, contentType: "text/html")
            .WithSummary("The page of one ticket.");
        group.MapGet("/{n:int}/qr.svg", SvgAsync).Produces(StatusCodes.Status200OK, contentType: "image/svg+xml").WithSummary("The QR code of one ticket as SVG.");
        group.MapGet("/{n:int}/qr.png", PngAsync).Produces(StatusCodes.Status200OK, contentType: "image/png").WithSummary("The QR code of one ticket as PNG.");
    }

    private static async Task<IResult> ListAsync(OrderId id, HttpContext http, IFulfilmentStore store, TicketCodes codes)
    {
        Private(http.Response);
        if (await FindAsync(store, id, http.RequestAborted) is not { } paid)
        {
            return Problems.NoSuchOrder();
        }

        return WantsPage(http.Request) ? Page(http.Response, TicketPages.All(paid, codes)) : TypedResults.Ok(WalletView.Of(paid, codes));
    }

    private static async Task<IResult> ShowAsync(OrderId id, int n, HttpContext http, IFulfilmentStore store, TicketCodes codes) =>
        await FindTicketAsync(id, n, http, store) is var (paid, ticket) ? Page(http.Response, TicketPages.One(paid, ticket, codes)) : NoSuchTicket();

    private static async Task<IResult> SvgAsync(OrderId id, int n, HttpContext http, IFulfilmentStore store, TicketCodes codes) =>
        await FindTicketAsync(id, n, http, store) is not null ? TypedResults.Text(QrImages.Svg(codes.For(id.Value, n)), "image/svg+xml") : NoSuchTicket();

    private static async Task<IResult> PngAsync(OrderId id, int n, HttpContext http, IFulfilmentStore store, TicketCodes codes) =>
        await FindTicketAsync(id, n, http, store) is not null ? TypedResults.Bytes(QrImages.Png(codes.For(id.Value, n)), "image/png") : NoSuchTicket();

    private static async Task<(PaidOrder Paid, Ticket Ticket)?> FindTicketAsync(OrderId id, int n, HttpContext http, IFulfilmentStore store)
    {
        Private(http.Response);
        return await FindAsync(store, id, http.RequestAborted) is { } paid && paid.Tickets.FirstOrDefault(t => t.Slot.Number == n) is { } ticket ? (paid, ticket) : null;
    }

    private static async Task<PaidOrder?> FindAsync(IFulfilmentStore store, OrderId id, CancellationToken cancel) =>
        await store.FindPaidOrdersAsync([id.Value], cancel) is [var paid] ? paid : null;

    private static ProblemHttpResult NoSuchTicket() => TypedResults.Problem("There is no such ticket, or it has not been issued yet.", statusCode: StatusCodes.Status404NotFound);

    private static void Private(HttpResponse response) => response.Headers.CacheControl = "no-store";

    private static ContentHttpResult Page(HttpResponse response, string html)
    {
        response.Headers.ContentSecurityPolicy = PagePolicy;
        return TypedResults.Content(html, "text/html; charset=utf-8");
    }

    // A browser names HTML first; programs name nothing, everything, or JSON.
    private static bool WantsPage(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList([.. request.Headers.Accept.Select(line => line ?? "")], out var accepted)
        && accepted.Any(a => a.MediaType == "text/html") && !accepted.Any(a => a.MediaType == "application/json");
}
