using LongPoll.Server.Http;
using LongPoll.Server.Providers;
using LongPoll.Server.Providers.PayHero;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.OpenApi;

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
        var body = new ReadsBody("What PayHero sends, in either of its forms, or what Safaricom sends.", PayHeroSamples.ByForm);
        group.MapPost("/payhero/callback", PayHeroAsync).WithName("PayHeroCallback")
            .WithMetadata(body, new ReadsParameter("token", ParameterLocation.Query, "PayHero:CallbackToken, or the token of one attempt."))
            .WithSummary("The result of an M-PESA prompt, from PayHero. The secret stands in ?token= or in the path.");
        group.MapPost("/payhero/callback/{token}", PayHeroAsync).WithName("PayHeroCallbackWithToken")
            .WithMetadata(body, new ReadsParameter("token", ParameterLocation.Path, "The token of one attempt, or PayHero:CallbackToken."))
            .WithSummary("The result of an M-PESA prompt, from PayHero, at the address that was sent with the push.");
    }

    private static Task<Results<Ok<CallbackAnswer>, ProblemHttpResult>> PayHeroAsync(
        HttpRequest request, ReceiveCallback receive, PaymentProviders providers) =>
        ReceiveAsync(PayHeroProvider.ProviderName, RequestSecrets.Of(request).CallbackToken, request, receive, providers);

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
