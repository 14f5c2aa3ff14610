using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Admin;

/// <summary>What is done with money, and why. <c>OrderId</c> is needed when the money came for no known order.</summary>
public sealed record InboxDecisionRequest(string? Reason, Guid? OrderId);

/// <summary>Money that waits for a person. Amounts are major units.</summary>
public sealed record MoneyInboxView(
    Guid Id, Guid? OrderId, string Provider, string TransactionId, decimal? Amount, string? Currency, string Problem, DateTime ReceivedAt);

/// <summary>Endpoints behind the admin key (<c>X-Admin-Key</c>).</summary>
internal static class AdminEndpoints
{
    private const int LongestReason = 500;

    public static void MapAdmin(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/admin/money-inbox").WithTags("Administration").GuardedBy<AdminAccess>().Limit(RateLimits.Api)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status429TooManyRequests);
        group.MapGet("", ListAsync)
            .WithSummary("Money that fits no open order as it stands: wrong amount, second payment, unknown attempt.");
        group.MapPost("/{id}/attach", AttachAsync)
            .Produces<OrderView>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("The money pays the order it came for, or the one named, whatever the amount.");
        group.MapPost("/{id}/dismiss", DismissAsync)
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict)
            .WithSummary("The money pays no order here; the reason says what became of it.");
    }

    private static async Task<Ok<IEnumerable<MoneyInboxView>>> ListAsync(MoneyInbox inbox, CancellationToken cancel) =>
        TypedResults.Ok((await inbox.ListAsync(cancel)).Select(e => new MoneyInboxView(
            e.EntryId, e.OrderId, e.Provider, e.TransactionId, e.Amount?.Major, e.Amount?.Currency, e.Problem, e.ReceivedAt)));

    private static async Task<Results<OrderViewResult, ValidationProblem, ProblemHttpResult>> AttachAsync(
        OrderId id, InboxDecisionRequest request, MoneyInbox inbox, CancellationToken cancel)
    {
        if (Check(request) is { } wrong)
        {
            return wrong;
        }

        var (decision, order) = await inbox.AttachAsync(id.Value, request.OrderId, request.Reason!, cancel);
        return decision == InboxDecision.Done ? new OrderViewResult(OrderSnapshot.Of(order!)) : Problem(decision);
    }

    private static async Task<Results<NoContent, ValidationProblem, ProblemHttpResult>> DismissAsync(
        OrderId id, InboxDecisionRequest request, MoneyInbox inbox, CancellationToken cancel)
    {
        if (Check(request) is { } wrong)
        {
            return wrong;
        }

        var decision = await inbox.DismissAsync(id.Value, request.Reason!, cancel);
        return decision == InboxDecision.Done ? TypedResults.NoContent() : Problem(decision);
    }

    private static ValidationProblem? Check(InboxDecisionRequest request) =>
        string.IsNullOrWhiteSpace(request.Reason) || request.Reason.Length > LongestReason || request.Reason.Any(char.IsControl)
            ? TypedResults.ValidationProblem(
                new Dictionary<string, string[]>(StringComparer.Ordinal) { ["reason"] = [$"Is required, at most {LongestReason} characters, without control characters."] },
                detail: "A decision about money needs a reason.")
            : null;

    private static ProblemHttpResult Problem(InboxDecision decision) => decision switch
    {
        InboxDecision.NoSuchEntry => TypedResults.Problem("There is no such open entry.", statusCode: StatusCodes.Status404NotFound),
        InboxDecision.NoSuchOrder => TypedResults.Problem("orderId must name the order that this money pays.", statusCode: StatusCodes.Status404NotFound),
        _ => TypedResults.Problem("The order is paid already, or somebody has decided meanwhile.", statusCode: StatusCodes.Status409Conflict),
    };
}
