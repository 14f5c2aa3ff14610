using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace LongPoll.Sandbox.Phone;

/// <summary>
/// The page of the pretend phone: one document with its style and script inside, put together once from the files beside
/// this one. Its policy admits exactly that style and that script, so a value that slipped through unescaped could not run.
/// </summary>
internal static class PhonePage
{
    private static readonly string Style = Read("phone.css");
    private static readonly string Script = Read("phone.js");
    private static readonly string Document = Read("phone.html")
        .Replace("/* phone.css */", Style, StringComparison.Ordinal)
        .Replace("/* phone.js */", Script, StringComparison.Ordinal);

    private static readonly string Policy =
        $"default-src 'none'; style-src '{HashOf(Style)}'; script-src '{HashOf(Script)}'; img-src data:; " +
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

    public static IResult Write(HttpResponse response, string merchantName)
    {
        response.Headers.ContentSecurityPolicy = Policy;
        response.Headers.CacheControl = "no-store";
        string page = Document.Replace("{{merchant}}", WebUtility.HtmlEncode(merchantName), StringComparison.Ordinal);
        return TypedResults.Content(page, "text/html; charset=utf-8");
    }

    private static string HashOf(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Read(string name)
    {
        using Stream stream = typeof(PhonePage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not part of this assembly.");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
