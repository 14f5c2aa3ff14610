using System.Reflection;
using System.Text.Encodings.Web;

namespace LongPoll.Server.Hosting;

/// <summary>The page at <c>/</c> in Development: where to go from here.</summary>
internal static class HomePage
{
    public static void MapHomePage(this IEndpointRouteBuilder routes)
    {
        using var page = Assembly.GetExecutingAssembly().GetManifestResourceStream("home.html")!;
        using var reader = new StreamReader(page);
        var html = reader.ReadToEnd();
        routes.MapGet("/", (HttpRequest request) => Results.Content(
            html.Replace("{{host}}", HtmlEncoder.Default.Encode(request.Host.Value ?? ""), StringComparison.Ordinal), "text/html; charset=utf-8")).Limit(RateLimits.Public).ExcludeFromDescription();
    }
}
