using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Admin;

/// <summary>What is done with money, and why. <c>OrderId</c> is needed when the money came for no known order.</summary>
public sealed record InboxDecisionRequest(string? Reason, Guid? OrderId);

/// <summary>Money that went back, as whoever sent it noted it. <c>Amount</c> is major units; <c>RefundId</c> is the reversal's receipt.</summary>
public sealed record RefundRequest(string? RefundId, decimal? Amount, string? Reason);

/// <summary>Money that waits for a person. Amounts are major units.</summary>
public sealed record MoneyInboxView(
    Guid Id, Guid? OrderId, string Provider, string TransactionId, decimal? Amount, string? Currency, string Problem, DateTime ReceivedAt);

/// <summary>Endpoints behind the admin key (<c>X-Admin-Key</c>).</summary>
internal static class AdminEndpoints
{
    private const int LongestReason = 500;
    private const int LongestRefundId = 100;
    private const string AmountRule = "Must be more than zero, at most what was paid, with no more decimals than the currency has.";

    private static readonly string ReasonRule = $"Is required, at most {LongestReason} characters, without control characters.";

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
        routes.MapPost("/admin/orders/{id}/refunds", RefundAsync).WithTags("Administration").GuardedBy<AdminAccess>().Limit(RateLimits.Api)
            .Produces<OrderView>().ProducesValidationProblem().ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict).ProducesProblem(StatusCodes.Status429TooManyRequests)
            .WithSummary("Money of this order went back, and no provider says so: an M-PESA reversal. The same refundId counts once.");
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

    private static async Task<Results<OrderViewResult, ValidationProblem, ProblemHttpResult>> RefundAsync(
        OrderId id, RefundRequest request, MarkRefund mark, CancellationToken cancel)
    {
        var errors = new Dictionary<string, string[]>(StringComparer.Ordinal);
        if (!IsReason(request.Reason))
        {
            errors["reason"] = [ReasonRule];
        }

        if (string.IsNullOrWhiteSpace(request.RefundId) || request.RefundId.Length > LongestRefundId || request.RefundId.Any(c => char.IsControl(c) || c == ' '))
        {
            errors["refundId"] = [$"Is required, at most {LongestRefundId} characters, without spaces: the receipt of the reversal."];
        }

        if (request.Amount is not > 0)
        {
            errors["amount"] = [AmountRule];
        }

        if (errors.Count > 0)
        {
            return TypedResults.ValidationProblem(errors, detail: "The refund was not noted; errors says why, by field.");
        }

        var (outcome, order) = await mark.HandleAsync(id.Value, request.RefundId!, request.Amount!.Value, request.Reason!, cancel);
        return outcome switch
        {
            RefundMark.Done => new OrderViewResult(OrderSnapshot.Of(order!)),
            RefundMark.NoSuchOrder => Problems.NoSuchOrder(),
            RefundMark.NotPaid => TypedResults.Problem("The order is not paid: nothing can have gone back.", statusCode: StatusCodes.Status409Conflict),
            RefundMark.OtherOrder => TypedResults.Problem("A refund of this id is noted already, at another order.", statusCode: StatusCodes.Status409Conflict),
            _ => TypedResults.ValidationProblem(
                new Dictionary<string, string[]>(StringComparer.Ordinal) { ["amount"] = [AmountRule] }, detail: "The refund was not noted; errors says why, by field."),
        };
    }

    private static ValidationProblem? Check(InboxDecisionRequest request) => IsReason(request.Reason)
        ? null
        : TypedResults.ValidationProblem(
            new Dictionary<string, string[]>(StringComparer.Ordinal) { ["reason"] = [ReasonRule] }, detail: "A decision about money needs a reason.");

    private static bool IsReason(string? reason) => !string.IsNullOrWhiteSpace(reason) && reason.Length <= LongestReason && !reason.Any(char.IsControl);

    private static ProblemHttpResult Problem(InboxDecision decision) => decision switch
    {
        InboxDecision.NoSuchEntry => TypedResults.Problem("There is no such open entry.", statusCode: StatusCodes.Status404NotFound),
        InboxDecision.NoSuchOrder => TypedResults.Problem("orderId must name the order that this money pays.", statusCode: StatusCodes.Status404NotFound),
        _ => TypedResults.Problem("The order is paid already, or somebody has decided meanwhile.", statusCode: StatusCodes.Status409Conflict),
    };
}
