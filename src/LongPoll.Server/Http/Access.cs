namespace LongPoll.Server.Http;

/// <summary>Which <see cref="IAccessRule"/> guards an endpoint.</summary>
internal sealed record Guard(Type Rule);

/// <summary>
/// Asks an endpoint's rule before the endpoint runs: whoever may not call it is told so, and nothing of the body that came
/// with the request is read. An endpoint filter would run after the body was bound.
/// </summary>
internal sealed class Access(RequestDelegate next, IServiceProvider services)
{
    public Task InvokeAsync(HttpContext http) =>
        http.GetEndpoint()?.Metadata.GetMetadata<Guard>() is { } guard
            && ((IAccessRule)services.GetRequiredService(guard.Rule)).Refusal(http) is { } refusal
                ? TypedResults.Problem(refusal, statusCode: StatusCodes.Status401Unauthorized).ExecuteAsync(http)
                : next(http);
}

internal static class AccessExtensions
{
    public static IServiceCollection AddAccessRules(this IServiceCollection services) => services
        .AddSingleton<AccessTokens>()
        .AddSingleton<TokenAccess>()
        .AddSingleton<ReadAccess>()
        .AddSingleton<CreateAccess>()
        .AddSingleton<AdminAccess>()
        .AddSingleton<CronAccess>();

    /// <summary>Only callers that this rule lets in reach these endpoints.</summary>
    public static RouteHandlerBuilder GuardedBy<TRule>(this RouteHandlerBuilder endpoint)
        where TRule : IAccessRule => endpoint.WithMetadata(new Guard(typeof(TRule)));

    /// <summary>The same for all endpoints of a group.</summary>
    public static RouteGroupBuilder GuardedBy<TRule>(this RouteGroupBuilder group)
        where TRule : IAccessRule => group.WithMetadata(new Guard(typeof(TRule)));
}
