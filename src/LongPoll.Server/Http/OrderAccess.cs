using System.Security.Cryptography;
using System.Text;
using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Http;

/// <summary>Reading an order needs its token only where <c>LongPoll:RequireAccessToken</c> says so. The first argument of the endpoint is the id.</summary>
internal sealed class ReadAccess(IOptions<LongPollOptions> options, AccessTokens tokens) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        !options.Value.RequireAccessToken || tokens.Opens(context.HttpContext.Request, context.GetArgument<OrderId>(0).Value)
            ? next(context)
            : new(TokenAccess.Refusal());
}

/// <summary>What costs money or shows tickets always needs the order's token. The first argument of the endpoint is the id.</summary>
internal sealed class TokenAccess(AccessTokens tokens) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        tokens.Opens(context.HttpContext.Request, context.GetArgument<OrderId>(0).Value) ? next(context) : new(Refusal());

    public static IResult Refusal() =>
        TypedResults.Problem("The order's access token is missing or wrong.", statusCode: StatusCodes.Status401Unauthorized);
}

/// <summary>Who creates an order names its price: the shop's server, by its key, unless browsers are trusted with it.</summary>
internal sealed class CreateAccess(IOptions<OrdersOptions> options) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        options.Value.TrustBrowserPrices || options.Value.ApiKey is null || HasKey(context.HttpContext.Request, options.Value.ApiKey)
            ? next(context)
            : new(TypedResults.Problem("X-Api-Key is missing or wrong.", statusCode: StatusCodes.Status401Unauthorized));

    /// <summary>True when the caller has the configured key.</summary>
    public static bool HasKey(HttpRequest request, string key) => Keys.Equal(request.Headers["X-Api-Key"].ToString(), key);
}

/// <summary>What only administrators may do.</summary>
internal sealed class AdminAccess(IOptions<AdminOptions> options) : IEndpointFilter
{
    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        options.Value.Key is { } key && Keys.Equal(context.HttpContext.Request.Headers["X-Admin-Key"].ToString(), key)
            ? next(context)
            : new(TypedResults.Problem("X-Admin-Key is missing or wrong.", statusCode: StatusCodes.Status401Unauthorized));
}

/// <summary>Compares secrets by digest: the time taken tells neither content nor length.</summary>
internal static class Keys
{
    public static bool Equal(string given, string key) =>
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
