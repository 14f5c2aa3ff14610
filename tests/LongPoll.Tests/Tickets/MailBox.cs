using System.Net.Mime;
using System.Text;
using System.Text.RegularExpressions;

namespace LongPoll.Tests.Tickets;

/// <summary>A mail as it was sent, taken apart as far as the tests ask.</summary>
public sealed partial record ReceivedMail(string Raw)
{
    public string MessageId => Header("Message-ID");

    public string From => Header("From");

    public string To => Header("To");

    public string Subject => Header("Subject");

    public string Kind => MessageId[1..MessageId.IndexOf('.', StringComparison.Ordinal)];

    /// <summary>The parts that have content of their own, those inside of others too.</summary>
    public IReadOnlyList<MailPart> Parts => field ??= [.. Leaves(Raw)];

    public string Html => Encoding.UTF8.GetString(Parts.Single(p => p.Type == "text/html").Content);

    public string Text => Encoding.UTF8.GetString(Parts.Single(p => p.Type == "text/plain").Content);

    /// <summary>All lines of the header, unfolded.</summary>
    public IReadOnlyList<string> HeaderLines => HeadersOf(Raw);

    public string Header(string name) => MailPart.Decoded(Find(HeadersOf(Raw), name) ?? "");

    private static IEnumerable<MailPart> Leaves(string raw)
    {
        var headers = HeadersOf(raw);
        var at = raw.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var body = at < 0 ? "" : raw[(at + 4)..];
        var type = new ContentType(Find(headers, "Content-Type") ?? "text/plain");
        if (type.Boundary is { } boundary)
        {
            return body.Split("--" + boundary).Skip(1).Where(part => !part.StartsWith("--", StringComparison.Ordinal)).SelectMany(part => Leaves(part.TrimStart('\r', '\n')));
        }

        return [new MailPart(type.MediaType, Find(headers, "Content-ID")?.Trim('<', '>'), Find(headers, "Content-Disposition"), Decode(body, Find(headers, "Content-Transfer-Encoding")))];
    }

    private static byte[] Decode(string body, string? encoding) => encoding?.ToLowerInvariant() switch
    {
        "base64" => Convert.FromBase64String(body.Trim()),
        "quoted-printable" => MailPart.Unquote(body),
        _ => Encoding.UTF8.GetBytes(body),
    };

    private static string[] HeadersOf(string raw)
    {
        var at = raw.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        return Folded().Replace(at < 0 ? raw : raw[..at], " ").Split("\r\n");
    }

    private static string? Find(IEnumerable<string> headers, string name) =>
        headers.FirstOrDefault(h => h.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim();

    [GeneratedRegex("\r\n[ \t]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Folded();
}

/// <summary>One part of a mail.</summary>
public sealed partial record MailPart(string Type, string? ContentId, string? Disposition, byte[] Content)
{
    public bool IsAttachment => Disposition?.StartsWith("attachment", StringComparison.OrdinalIgnoreCase) == true;

    internal static byte[] Unquote(string body)
    {
        var bytes = new List<byte>(body.Length);
        var text = body.Replace("=\r\n", "", StringComparison.Ordinal);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=')
            {
                bytes.Add(Convert.ToByte(text.Substring(i + 1, 2), 16));
                i += 2;
            }
            else
            {
                bytes.Add((byte)text[i]);
            }
        }

        return [.. bytes];
    }

    /// <summary>Encoded words (RFC 2047) of a header as text.</summary>
    internal static string Decoded(string header) => EncodedWord().Replace(header, word => Encoding.UTF8.GetString(
        word.Groups["how"].Value is "B" or "b" ? Convert.FromBase64String(word.Groups["what"].Value) : Unquote(word.Groups["what"].Value.Replace('_', ' '))));

    [GeneratedRegex(@"=\?utf-8\?(?<how>[BbQq])\?(?<what>[^?]*)\?=\s*", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex EncodedWord();
}
