using System.Reflection;
using System.Text.Encodings.Web;

namespace LongPoll.Server.Hosting;

/// <summary>The page at <c>/</c> in Development where the demo shop has not been built: where to go from here.</summary>
internal static class HomePage
{
    private static readonly string Html = Read();

    public static IResult Show(HttpRequest request) => Results.Content(
        Html.Replace("{{host}}", HtmlEncoder.Default.Encode(request.Host.Value ?? ""), StringComparison.Ordinal), "text/html; charset=utf-8");

    private static string Read()
    {
        using var page = Assembly.GetExecutingAssembly().GetManifestResourceStream("home.html")!;
        using var reader = new StreamReader(page);
        return reader.ReadToEnd();
    }
}
