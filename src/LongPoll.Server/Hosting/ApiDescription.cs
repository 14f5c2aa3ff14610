namespace LongPoll.Server.Hosting;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>, and a page that shows it at <c>/docs</c>.</summary>
internal static class ApiDescription
{
    public static void AddApiDescription(this IServiceCollection services) => services.AddOpenApi(options =>
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "LongPoll";
            document.Info.Version = "1";
            document.Info.Description = "Holds a payment page's request until the provider's callback arrives, and answers every waiting page in that moment.";
            return Task.CompletedTask;
        }));

    public static void MapApiDescription(this WebApplication app)
    {
        app.MapOpenApi();
        app.UseWhen(static http => http.Request.Path.StartsWithSegments("/docs", StringComparison.Ordinal), static docs => docs.UseSwaggerUI(options =>
        {
            options.RoutePrefix = "docs";
            options.DocumentTitle = "LongPoll API";
            options.SwaggerEndpoint("../openapi/v1.json", "LongPoll");
        }));
    }
}
