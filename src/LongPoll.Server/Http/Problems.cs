using System.Globalization;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Http;

/// <summary>Answers that several endpoints give.</summary>
internal static class Problems
{
    public static ProblemHttpResult NoSuchOrder() => TypedResults.Problem("There is no such order.", statusCode: StatusCodes.Status404NotFound);

    public static ProblemHttpResult KeyReused() =>
        TypedResults.Problem("This Idempotency-Key came with another body before.", statusCode: StatusCodes.Status422UnprocessableEntity);

    public static ProblemHttpResult TooManyPrompts(HttpResponse response, PromptLimit limit)
    {
        RetryAfter.Set(response, (int)limit.Window.TotalSeconds, spread: 0);
        return TypedResults.Problem(
            $"At most {limit.Prompts} payment requests go to one phone in {limit.Window.TotalMinutes:0} minutes.",
            statusCode: StatusCodes.Status429TooManyRequests);
    }
}

/// <summary>Tells a client when to come back.</summary>
internal static class RetryAfter
{
    /// <summary>Seconds, spread at random so that a crowd that was refused together does not come back together.</summary>
    public static void Set(HttpResponse response, int atLeast, int spread) =>
        response.Headers.RetryAfter = (atLeast + Random.Shared.Next(spread + 1)).ToString(CultureInfo.InvariantCulture);
}
