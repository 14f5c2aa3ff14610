namespace LongPoll.Server.Hosting;

/// <summary>Headers that make no answer worse, and some attacks harder. Every answer has them.</summary>
internal static class SecurityHeaders
{
    /// <summary>Sets them when the answer begins. What is registered for that is held for as long as the request is.</summary>
    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (http, next) =>
    {
        // At the last moment: the answer to an exception begins by forgetting the headers set so far.
        http.Response.OnStarting(
            static http =>
            {
                Set((HttpContext)http);
                return Task.CompletedTask;
            },
            http);
        return next(http);
    });

    /// <summary>Sets them now: for requests that park, when they answer.</summary>
    public static void Set(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        if (http.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000";
        }
    }
}
