using System.Data.Common;
using System.Diagnostics;
using LongPoll.Server.Http;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Hosting;

/// <summary>Every error is a problem document (RFC 9457) with a detail for people and a trace id for support; never a stack trace, never anybody's data.</summary>
internal static class ProblemResponses
{
    public static IServiceCollection AddProblemResponses(this IServiceCollection services)
    {
        services.AddProblemDetails(options => options.CustomizeProblemDetails = context =>
        {
            SecurityHeaders.Set(context.HttpContext);
            var problem = context.ProblemDetails;
            problem.Title ??= ReasonPhrases.GetReasonPhrase(problem.Status ?? context.HttpContext.Response.StatusCode);
            problem.Type ??= problem.Status == StatusCodes.Status429TooManyRequests ? "https://tools.ietf.org/html/rfc6585#section-4" : "about:blank";
            problem.Detail ??= Detail(problem.Status ?? context.HttpContext.Response.StatusCode);
            problem.Extensions["traceId"] = Activity.Current?.Id ?? CallersTrace(context.HttpContext.Request) ?? context.HttpContext.TraceIdentifier;
        });

        // After the framework's own: asked only where that one gives up.
        services.AddSingleton<IProblemDetailsWriter, UnaskedProblemWriter>();
        return services.AddExceptionHandler<ExceptionAnswers>();
    }

    // There is an activity only where somebody collects traces.
    private static string? CallersTrace(HttpRequest request) =>
        request.Headers.TraceParent.ToString() is { Length: > 0 } trace && ActivityContext.TryParse(trace, null, out _) ? trace : null;

    private static string Detail(int status) => status switch
    {
        StatusCodes.Status400BadRequest => "The request cannot be understood.",
        StatusCodes.Status404NotFound => "There is nothing at this address.",
        StatusCodes.Status405MethodNotAllowed => "This address does not take this method.",
        StatusCodes.Status413PayloadTooLarge => "The body is too large.",
        StatusCodes.Status415UnsupportedMediaType => "The body must be JSON.",
        StatusCodes.Status503ServiceUnavailable => "This cannot be done right now; try again soon.",
        _ => "The request could not be handled.",
    };
}

/// <summary>
/// Writes the problem to who has not said that they take one: an event stream's client accepts nothing but events, and still has to be
/// told why there are none. The framework's own writer gives up there, and what is left is an answer without a body, or one that is not whole.
/// </summary>
internal sealed class UnaskedProblemWriter(IOptions<ProblemDetailsOptions> options) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context) => true;

    public ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var (http, problem) = (context.HttpContext, context.ProblemDetails);
        problem.Status ??= http.Response.StatusCode;

        // The same error has the same type and title, whatever its client accepts.
        var usual = TypedResults.Problem(statusCode: problem.Status).ProblemDetails;
        (problem.Type, problem.Title) = (problem.Type ?? usual.Type, problem.Title ?? usual.Title);
        options.Value.CustomizeProblemDetails?.Invoke(context);
        return new ValueTask(http.Response.WriteAsJsonAsync(problem, problem.GetType(), options: null, contentType: "application/problem+json"));
    }
}

/// <summary>What an exception is answered with.</summary>
internal sealed partial class ExceptionAnswers(IProblemDetailsService problems, ILogger<ExceptionAnswers> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var (status, detail) = exception switch
        {
            BadHttpRequestException bad => (bad.StatusCode, bad.StatusCode == StatusCodes.Status400BadRequest ? "A value in the address, query or body has the wrong form." : null),
            DbException or TimeoutException => (StatusCodes.Status503ServiceUnavailable, "The store does not answer right now; nothing was done by half."),
            _ => (StatusCodes.Status500InternalServerError, null),
        };
        if (status >= StatusCodes.Status500InternalServerError)
        {
            // The request has no endpoint any more: its way begins anew for the answer to the exception.
            LogFailed(logger, exception, httpContext.Request.Method, httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint?.DisplayName);
        }

        if (status == StatusCodes.Status503ServiceUnavailable)
        {
            RetryAfter.Set(httpContext.Response, atLeast: 1, spread: 4);
        }

        httpContext.Response.StatusCode = status;
        return await problems.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = { Status = status, Detail = detail },
        });
    }

    [LoggerMessage(700, LogLevel.Error, "{Method} {Endpoint} failed")]
    private static partial void LogFailed(ILogger logger, Exception exception, string method, string? endpoint);
}
