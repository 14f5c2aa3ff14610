using LongPoll.Server.Http;
using LongPoll.Server.Providers;
using Microsoft.AspNetCore.Http.HttpResults;

namespace LongPoll.Server.Callbacks;

/// <summary>Where providers call. Neither rate limits nor access tokens stand before them: their secret is in the request.</summary>
internal static class CallbackEndpoints
{
    public static void MapCallbacks(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Callbacks")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        foreach (var provider in routes.ServiceProvider.GetRequiredService<PaymentProviders>().All)
        {
            foreach (var route in provider.CallbackRoutes)
            {
                group.MapPost(
                        route.Path,
                        (HttpRequest request, ReceiveCallback receive, PaymentProviders providers) =>
                            ReceiveAsync(provider.Name, RequestSecrets.Of(request).CallbackToken, request, receive, providers))
                    .WithName(route.Name).WithMetadata(route.Metadata).WithSummary(route.Summary);
            }
        }
    }

    private static async Task<Results<Ok<CallbackAnswer>, ProblemHttpResult>> ReceiveAsync(
        string provider, string? token, HttpRequest request, ReceiveCallback receive, PaymentProviders providers)
    {
        if (!providers.Get(provider).TakesCallbacks)
        {
            return TypedResults.Problem("This provider is not configured here.", statusCode: StatusCodes.Status404NotFound);
        }

        // A stranger's body is not even read, however large it is.
        if (!receive.Admits(provider, token, request.Headers))
        {
            return Refused();
        }

        // The bytes as they came: what is verified and kept must be what was sent.
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);

        // From here on the provider may hang up: what it said is settled all the same.
        var (verdict, answer) = await receive.HandleAsync(provider, new CallbackRequest(token, request.Headers, body.ToArray()), CancellationToken.None);
        return verdict switch
        {
            CallbackVerdict.Refused => Refused(),
            CallbackVerdict.Unreadable => TypedResults.Problem("The body is not JSON.", statusCode: StatusCodes.Status400BadRequest),
            _ => TypedResults.Ok(answer),
        };
    }

    private static ProblemHttpResult Refused() => TypedResults.Problem("Wrong or missing secret.", statusCode: StatusCodes.Status401Unauthorized);
}
