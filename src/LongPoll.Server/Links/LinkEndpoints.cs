using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Orders;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Links;

/// <summary>Make a payment link, open it, pay it, cancel it, ask how it stands.</summary>
internal static class LinkEndpoints
{
    public static void MapLinks(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/payment-links", CreateAsync).WithName("CreatePaymentLink").WithTags("Payment links")
            .GuardedBy<CreateAccess>().Limit(RateLimits.Api)
            .Accepts<CreateLinkRequest>("application/json")
            .Produces<LinkAnswer>(StatusCodes.Status201Created)
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Makes a link that asks for one payment; its page is /pay/{shortCode}.");

        var group = routes.MapGroup("/payment-links/{id}").WithTags("Payment links")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("/status", ReadAsync).WithName("ReadPaymentLink").Limit(RateLimits.Polling)
            .Produces<LinkAnswer>()
            .WithSummary("How the link stands. Whoever has its id may ask.");
        group.MapPost("/open", OpenAsync).WithName("OpenPaymentLink").GuardedBy<CreateAccess>().Limit(RateLimits.Api)
            .Produces<LinkAnswer>()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("A draft can be paid from now on.");
        group.MapPost("/cancel", CancelAsync).WithName("CancelPaymentLink").GuardedBy<CreateAccess>().Limit(RateLimits.Api)
            .Produces<LinkAnswer>()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("An open link can no longer be paid. Money that comes all the same makes it PAID.");
        group.MapPost("/pay", PayAsync).WithName("PayPaymentLink").Limit(RateLimits.Api)
            .ReadsHeader(RequestBodies.IdempotencyHeader, "At most 200 characters. The same key and body give the same order and token for 24 hours.")
            .Accepts<PayLinkRequest>("application/json")
            .Produces<CreatedOrder>(StatusCodes.Status201Created)
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithSummary("Starts the order that pays the link. Waiting goes on at /orders/{orderId}/wait.")
            .WithDescription("A link has one order at a time that can be paid: 409 while there is one, and when the link is not open. Whoever has the id of a link may pay it.");
    }

    private static async Task<Results<Created<LinkAnswer>, ValidationProblem>> CreateAsync(HttpRequest http, CreateLink create, TimeProvider clock, CancellationToken cancel)
    {
        if (RequestBodies.Parse(await RequestBodies.ReadAsync(http, cancel), LinksJson.Default.CreateLinkRequest, out var unread) is not { } request)
        {
            return TypedResults.ValidationProblem(unread, detail: "The payment link cannot be read.");
        }

        var (link, errors) = await create.HandleAsync(request, cancel);
        if (link is null)
        {
            return TypedResults.ValidationProblem(errors, detail: "The payment link was not made; errors says why, by field.");
        }

        http.HttpContext.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"{http.PathBase}/payment-links/{link.LinkId:D}/status", LinkAnswer.Of(link, clock.GetUtcTimestamp()));
    }

    private static async Task<Results<Ok<LinkAnswer>, ProblemHttpResult>> ReadAsync(LinkId id, HttpContext http, ILinkStore store, TimeProvider clock)
    {
        if (await store.FindLinkAsync(id.Value, http.RequestAborted) is not { } link)
        {
            return NoSuchLink();
        }

        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(LinkAnswer.Of(link, clock.GetUtcTimestamp()));
    }

    private static async Task<Results<Ok<LinkAnswer>, ProblemHttpResult>> OpenAsync(LinkId id, HttpContext http, ILinkStore store, TimeProvider clock) =>
        await MovedAsync(id, http, store, clock, "opened", await store.OpenLinkAsync(id.Value, clock.GetUtcTimestamp(), http.RequestAborted));

    private static async Task<Results<Ok<LinkAnswer>, ProblemHttpResult>> CancelAsync(LinkId id, HttpContext http, CancelLink cancel, ILinkStore store, TimeProvider clock) =>
        await MovedAsync(id, http, store, clock, "canceled", await cancel.HandleAsync(id.Value, http.RequestAborted));

    private static async Task<Results<Ok<LinkAnswer>, ProblemHttpResult>> MovedAsync(
        LinkId id, HttpContext http, ILinkStore store, TimeProvider clock, string wanted, bool moved)
    {
        if (await store.FindLinkAsync(id.Value, http.RequestAborted) is not { } link)
        {
            return NoSuchLink();
        }

        var now = clock.GetUtcTimestamp();
        http.Response.Headers.CacheControl = "no-store";
        return moved
            ? TypedResults.Ok(LinkAnswer.Of(link, now))
            : Conflict($"This payment link cannot be {wanted}: it is {LinkStatus.Word(link.Current)}{(link.IsExpired(now) ? ", and its time is over" : "")}.");
    }

    private static async Task<Results<CreatedOrderResult, ValidationProblem, ProblemHttpResult>> PayAsync(
        LinkId id, HttpRequest http, ILinkStore store, PayLink pay, AccessTokens tokens, CancellationToken cancel)
    {
        // Read by hand: the digest for the idempotency key is over the bytes as they came.
        var bytes = await RequestBodies.ReadAsync(http, cancel);
        if (await store.FindLinkAsync(id.Value, cancel) is not { } link)
        {
            return NoSuchLink();
        }

        if (RequestBodies.Parse(bytes, LinksJson.Default.PayLinkRequest, out var unread) is not { } request)
        {
            return TypedResults.ValidationProblem(unread, detail: "The payer cannot be read.");
        }

        var (draft, errors) = pay.Check(link, request);
        var key = RequestBodies.IdempotencyKey(http, bytes, errors);
        if (draft is null || errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors, detail: "The payment was not started; errors says why, by field.");
        }

        var (outcome, order) = await pay.HandleAsync(link, draft, key, cancel);
        return outcome switch
        {
            OpenOutcome.LinkTaken => Conflict("This payment link cannot be paid now: it is not open, its time is over, or a payment for it is under way or done."),
            OpenOutcome.KeyReused => Problems.KeyReused(),
            OpenOutcome.TooManyPrompts => Problems.TooManyPrompts(http.HttpContext.Response, CreateOrder.PromptLimit),
            _ => new CreatedOrderResult(order!, tokens.For(order!.OrderId)),
        };
    }

    private static ProblemHttpResult Conflict(string detail) => TypedResults.Problem(detail, statusCode: StatusCodes.Status409Conflict);

    private static ProblemHttpResult NoSuchLink() => TypedResults.Problem("There is no such payment link.", statusCode: StatusCodes.Status404NotFound);
}
