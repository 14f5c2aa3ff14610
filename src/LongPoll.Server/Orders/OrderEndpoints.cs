using System.Text.Json;
using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Orders;

/// <summary>Make an order, look at it, try again, ask the provider.</summary>
internal static class OrderEndpoints
{
    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/orders", CreateAsync).WithName("CreateOrder").WithTags("Orders")
            .GuardedBy<CreateAccess>()
            .Limit(RateLimits.Api)
            .ReadsHeader(RequestBodies.IdempotencyHeader, "At most 200 characters. The same key and body give the same order and token for 24 hours.")
            .Accepts<CreateOrderRequest>("application/json")
            .Produces<CreatedOrder>(StatusCodes.Status201Created)
            .ProducesValidationProblem()
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Stores an order and asks the provider to charge the buyer's phone.")
            .WithDescription("An Idempotency-Key gives the same order and token again for 24 hours. A provider that is down does not fail the request: paymentStatus and reason say where it is.");

        var group = routes.MapGroup("/orders/{id}").WithTags("Orders")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status429TooManyRequests)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("", ReadAsync).WithName("ReadOrder").GuardedBy<ReadAccess>().Limit(RateLimits.Polling)
            .ReadsHeader("If-None-Match", "The last ETag: 304 while the order still stands so.")
            .Produces<OrderView>().Produces(StatusCodes.Status304NotModified)
            .WithSummary("The order as it stands. If-None-Match with the last ETag answers 304.");
        group.MapMethods("", [HttpMethods.Head], ReadAsync).GuardedBy<ReadAccess>().Limit(RateLimits.Polling).ExcludeFromDescription();
        group.MapPost("/verify", VerifyAsync).WithName("VerifyOrder").GuardedBy<ReadAccess>().Limit(RateLimits.Api)
            .Produces<OrderView>()
            .WithSummary("Asks the provider now, one question at a time per order; the fallback when no callback came.");
        group.MapPost("/pay", PayAsync).WithName("PayOrder").GuardedBy<TokenAccess>().Limit(RateLimits.Api)
            .Produces<OrderView>()
            .ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("Try again: a new payment attempt, when safeToRetry is true.");
    }

    private static async Task<Results<CreatedOrderResult, ValidationProblem, ProblemHttpResult>> CreateAsync(
        HttpRequest http, OrderRules rules, CreateOrder create, AccessTokens tokens, CancellationToken cancel)
    {
        // Read by hand: the digest for the idempotency key is over the bytes as they came.
        var bytes = await RequestBodies.ReadAsync(http, cancel);
        if (RequestBodies.Parse(bytes, OrdersJson.Default.CreateOrderRequest, out var unread) is not { } request)
        {
            return TypedResults.ValidationProblem(unread, detail: "The order cannot be read.");
        }

        var (draft, errors) = rules.Check(request);
        var key = RequestBodies.IdempotencyKey(http, bytes, errors);
        if (draft is null || errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors, detail: "The order was not made; errors says why, by field.");
        }

        var (outcome, order) = await create.HandleAsync(
            draft,
            JsonSerializer.Serialize(draft.Items, OrdersJson.Default.IReadOnlyListItemRequest),
            draft.Event is null ? null : JsonSerializer.Serialize(draft.Event, OrdersJson.Default.EventRequest),
            key,
            cancel);
        switch (outcome)
        {
            case OpenOutcome.KeyReused:
                return Problems.KeyReused();
            case OpenOutcome.TooManyPrompts:
                return Problems.TooManyPrompts(http.HttpContext.Response, CreateOrder.PromptLimit);
            default:
                return new CreatedOrderResult(order!, tokens.For(order!.OrderId));
        }
    }

    private static async Task<Results<OrderViewResult, StatusCodeHttpResult, ProblemHttpResult>> ReadAsync(
        OrderId id, HttpContext http, IOrderStore store)
    {
        if (await store.FindOrderAsync(id.Value, http.RequestAborted) is not { } order)
        {
            return Problems.NoSuchOrder();
        }

        var snapshot = OrderSnapshot.Of(order);
        if (OrderViewResult.Matches(http.Request, snapshot))
        {
            OrderViewResult.SetHeaders(http.Response, snapshot);
            return TypedResults.StatusCode(StatusCodes.Status304NotModified);
        }

        return new OrderViewResult(snapshot);
    }

    private static async Task<Results<OrderViewResult, ProblemHttpResult>> VerifyAsync(OrderId id, VerifyPayment verify, CancellationToken cancel) =>
        await verify.HandleAsync(id.Value, cancel) is { } order ? new OrderViewResult(OrderSnapshot.Of(order)) : Problems.NoSuchOrder();

    private static async Task<Results<OrderViewResult, ProblemHttpResult>> PayAsync(OrderId id, HttpContext http, RetryPayment retry)
    {
        var (outcome, order) = await retry.HandleAsync(id.Value, http.RequestAborted);
        return (outcome, order) switch
        {
            (_, null) => Problems.NoSuchOrder(),
            (OpenOutcome.Opened, _) => new OrderViewResult(OrderSnapshot.Of(order)),
            (OpenOutcome.TooManyPrompts, _) => Problems.TooManyPrompts(http.Response, CreateOrder.PromptLimit),
            _ => TypedResults.Problem(
                "This order cannot be tried again now: it is paid, still being paid, an earlier attempt can still succeed, or its payment link is over.",
                statusCode: StatusCodes.Status409Conflict),
        };
    }
}

/// <summary>What <c>POST /orders</c> and <c>POST /payment-links/{id}/pay</c> answer: the view, and the token that opens the order.</summary>
public sealed record CreatedOrder : OrderView
{
    /// <summary>Goes into <c>Authorization: Bearer</c> or <c>?access_token=</c>.</summary>
    public required string AccessToken { get; init; }
}
