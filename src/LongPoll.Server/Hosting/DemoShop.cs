using System.Data.Common;
using System.Reflection;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Hosting;

/// <summary>
/// The demo shop in Development: the files that were built from <c>src/demo-shop</c>. Where they are missing (no Node),
/// <c>/</c> shows where to go from here, and the page of a payment still works, because it needs no script.
/// </summary>
internal static class DemoShop
{
    /// <summary>Only files of our own; what people type into the shop can become no script.</summary>
    private const string Policy =
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private static readonly string Folder =
        Assembly.GetExecutingAssembly().GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "DemoShop")?.Value ?? "";

    private static bool IsBuilt => Folder.Length > 0 && File.Exists(Path.Combine(Folder, "index.html"));

    /// <summary>Scripts, styles and fonts, before the limits: files are not counted by any.</summary>
    public static void UseDemoShop(this IApplicationBuilder app)
    {
        if (!IsBuilt)
        {
            return;
        }

        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = new PhysicalFileProvider(Folder),
            RequestPath = "/shop",

            // Their names change with their content.
            OnPrepareResponse = context => context.Context.Response.Headers.CacheControl =
                context.File.PhysicalPath?.Contains("assets", StringComparison.Ordinal) == true ? "public, max-age=31536000, immutable" : "no-cache",
        });
    }

    public static void MapDemoShop(this IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").Limit(RateLimits.Public).ExcludeFromDescription();
        pages.MapGet("/payment/{id}", PaymentAsync);
        if (!IsBuilt)
        {
            pages.MapGet("/", HomePage.Show);
            return;
        }

        // The script reads the address and shows the page that belongs to it.
        foreach (var path in (string[])["/", "/events/{slug}/checkout", "/wallet"])
        {
            pages.MapGet(path, async (HttpResponse response, CancellationToken cancel) => Page(response, await ReadShellAsync(cancel), StatusCodes.Status200OK));
        }
    }

    private static async Task<IResult> PaymentAsync(OrderId id, HttpContext http, IOrderStore store, AccessTokens tokens, IOptions<LongPollOptions> options)
    {
        var shell = IsBuilt ? await ReadShellAsync(http.RequestAborted) : PlainPayment.Shell;
        if (options.Value.RequireAccessToken && !tokens.Opens(http.Request, id.Value))
        {
            return Page(http.Response, PlainPayment.Closed(shell), StatusCodes.Status401Unauthorized);
        }

        try
        {
            return await store.FindOrderAsync(id.Value, http.RequestAborted) is { } order
                ? Page(http.Response, PlainPayment.Of(shell, OrderView.Of(order)), StatusCodes.Status200OK)
                : Page(http.Response, PlainPayment.Unknown(shell), StatusCodes.Status404NotFound);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            // The page is there all the same, and looks again.
            return Page(http.Response, PlainPayment.Away(shell), StatusCodes.Status503ServiceUnavailable);
        }
    }

    // Read anew each time: it is Development, and the shop may just have been built again.
    private static Task<string> ReadShellAsync(CancellationToken cancel) => File.ReadAllTextAsync(Path.Combine(Folder, "index.html"), cancel);

    private static IResult Page(HttpResponse response, string html, int status)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.CacheControl = "no-store";
        return Results.Content(html, "text/html; charset=utf-8", statusCode: status);
    }
}
