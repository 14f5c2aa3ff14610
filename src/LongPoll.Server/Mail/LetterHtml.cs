using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace LongPoll.Server.Mail;

/// <summary>
/// The look of the mails. Tables and styles at the element for mail programs that know nothing else; a sheet on top for dark and
/// narrow screens. QR codes stand on white in either.
/// </summary>
internal sealed class LetterHtml(string title, string preview)
{
    private const string Sheet = """
        :root{color-scheme:light dark;supported-color-schemes:light dark}
        body{margin:0;padding:0;-webkit-text-size-adjust:100%}
        @media (prefers-color-scheme:dark){
          .back{background:#101512!important}.card{background:#1a211d!important;border-color:#2b352f!important}
          .ink{color:#eef3ef!important}.soft{color:#a9b8ae!important}.rule{border-color:#2f3a33!important}
          .stub{background:#212a25!important;border-color:#35423a!important}.note{color:#8fa096!important}
          .hero{background:#0c5a3a!important}.button{background:#35c483!important;color:#06170e!important}
        }
        @media (max-width:480px){
          .outer{padding:12px 8px!important}.pad{padding:22px 18px!important}.herotitle{font-size:25px!important}
          .stubcell{display:block!important;width:auto!important;text-align:center!important;padding:16px 16px 4px!important}
          .stubwords{display:block!important;width:auto!important;text-align:center!important;padding:4px 16px 18px!important}
          .qr{width:196px!important;height:196px!important}.button{display:block!important;text-align:center!important}
          .fact{display:block!important;width:auto!important;padding:0!important;text-align:left!important}
          .factname{padding-top:10px!important}
        }
        """;

    private const string Font = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

    private readonly StringBuilder _body = new();
    private string _hero = "";

    /// <summary>What the mail is about, on a coloured band: a word for it, a large line, and further ones where there is something to say.</summary>
    public LetterHtml Hero(string label, string name, params string?[] more)
    {
        var lines = string.Concat(more.Where(static l => !string.IsNullOrEmpty(l)).Select(
            line => $"<p style=\"margin:6px 0 0;font-size:15px;line-height:22px;color:#d9f2e5\">{Encode(line)}</p>"));
        _hero = $"""
            <tr><td class="hero pad" style="background:#0b6b45;border-radius:16px 16px 0 0;padding:30px 32px;{Font}">
            <p style="margin:0 0 8px;font-size:12px;letter-spacing:2px;text-transform:uppercase;color:#a6e3c6">{Encode(label)}</p>
            <h1 class="herotitle" style="margin:0;font-size:30px;line-height:1.15;color:#ffffff">{Encode(name)}</h1>{lines}</td></tr>
            """;
        return this;
    }

    public LetterHtml Paragraph(string text) =>
        Add($"<p class=\"ink\" style=\"margin:0 0 20px;font-size:16px;line-height:25px;color:#26332c\">{Encode(text)}</p>");

    /// <summary>One ticket: its QR code beside what it is for.</summary>
    public LetterHtml Stub(string contentId, string item, string place, string count) => Add(
        $"""
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="stub" style="margin:0 0 16px;border:1px solid #dfe6dc;border-radius:14px;background:#f7faf5;border-collapse:separate"><tr>
        <td class="stubcell" width="172" style="padding:16px;width:172px"><span style="display:inline-block;background:#ffffff;border-radius:10px;padding:6px"><img class="qr" src="cid:{contentId}" width="156" height="156" alt="QR code, {Encode(place)}" style="display:block;border:0;width:156px;height:156px"></span></td>
        <td class="stubwords" style="padding:16px 20px 16px 4px;vertical-align:middle"><p class="ink" style="margin:0;font-size:20px;line-height:26px;font-weight:700;color:#14201a;overflow-wrap:anywhere">{Encode(item)}</p>
        <p class="ink" style="margin:4px 0 0;font-size:17px;line-height:24px;color:#26332c;overflow-wrap:anywhere">{Encode(place)}</p><p class="soft" style="margin:8px 0 0;font-size:13px;line-height:18px;color:#5c6b62">{Encode(count)}</p></td>
        </tr></table>
        """);

    public LetterHtml Button(string text, string link) => Add(
        $"""<p style="margin:8px 0 26px"><a class="button" href="{Encode(link)}" style="display:inline-block;background:#0b7a4b;color:#ffffff;font-size:16px;font-weight:600;line-height:20px;text-decoration:none;border-radius:10px;padding:15px 26px">{Encode(text)}</a></p>""");

    /// <summary>Names and values, such as the receipt number.</summary>
    public LetterHtml Facts(IEnumerable<(string Name, string Value)> facts)
    {
        _body.Append("<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" class=\"rule\" style=\"margin:0 0 22px;border-top:1px solid #e4e9e1\">");
        foreach (var (name, value) in facts)
        {
            _body.Append(CultureInfo.InvariantCulture, $"""
                <tr><td class="fact factname soft" style="padding:10px 12px 0 0;font-size:14px;line-height:20px;color:#5c6b62">{Encode(name)}</td>
                <td class="fact ink" style="padding:10px 0 0;font-size:15px;line-height:20px;font-weight:600;color:#14201a;text-align:right;overflow-wrap:anywhere">{Encode(value)}</td></tr>
                """);
        }

        return Add("</table>");
    }

    /// <summary>What was bought, and the total.</summary>
    public LetterHtml Lines(IEnumerable<(string What, string? Seats, string Price)> lines, string total)
    {
        _body.Append("<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"margin:0 0 20px\">");
        foreach (var (what, seats, price) in lines)
        {
            var below = seats is null ? "" : $"<br><span class=\"soft\" style=\"font-size:13px;color:#5c6b62\">{Encode(seats)}</span>";
            Row(Encode(what) + below, price, weight: 400);
        }

        Row("Total", total, weight: 700);
        return Add("</table>");

        void Row(string what, string price, int weight) => _body.Append(CultureInfo.InvariantCulture, $"""
            <tr><td class="ink rule" style="padding:11px 12px 11px 0;border-top:1px solid #e4e9e1;font-size:16px;line-height:22px;font-weight:{weight};color:#14201a;overflow-wrap:anywhere">{what}</td>
            <td class="ink rule" style="padding:11px 0;border-top:1px solid #e4e9e1;font-size:16px;line-height:22px;font-weight:{weight};color:#14201a;text-align:right;white-space:nowrap;vertical-align:top">{Encode(price)}</td></tr>
            """);
    }

    /// <summary>What to know, one after the other.</summary>
    public LetterHtml Steps(params (string Title, string Words)[] steps)
    {
        foreach (var (step, n) in steps.Select(static (step, n) => (step, n + 1)))
        {
            _body.Append(CultureInfo.InvariantCulture, $"""
                <table role="presentation" width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 14px"><tr>
                <td width="44" style="width:44px;vertical-align:top"><span style="display:inline-block;width:30px;height:30px;line-height:30px;border-radius:15px;background:#0b7a4b;color:#ffffff;font-size:15px;font-weight:700;text-align:center">{n}</span></td>
                <td style="vertical-align:top"><p class="ink" style="margin:3px 0 2px;font-size:16px;line-height:24px;font-weight:600;color:#14201a">{Encode(step.Title)}</p><p class="soft" style="margin:0;font-size:15px;line-height:22px;color:#4c5a52">{Encode(step.Words)}</p></td></tr></table>
                """);
        }

        return Add("<div style=\"height:10px;line-height:10px\">&nbsp;</div>");
    }

    public override string ToString() =>
        $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
        <title>{Encode(title)}</title><style>{Sheet}</style></head>
        <body class="back" style="margin:0;padding:0;background:#eef2ea">
        <div style="display:none;max-height:0;overflow:hidden">{Encode(preview)}</div>
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="back" style="background:#eef2ea"><tr><td class="outer" align="center" style="padding:32px 16px">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0" class="card" style="max-width:580px;background:#ffffff;border:1px solid #dfe6dc;border-radius:17px;border-collapse:separate">{_hero}
        <tr><td class="pad" style="padding:30px 32px 12px;{Font}">{_body}</td></tr></table>
        <p class="note" style="max-width:540px;margin:18px auto 0;font-size:12px;line-height:18px;color:#6a776f;{Font}">You get this mail because an order was paid with your address. The link and the codes in it are yours alone: whoever has them has your tickets.</p>
        </td></tr></table></body></html>
        """;

    private LetterHtml Add(string html)
    {
        _body.Append(html).Append('\n');
        return this;
    }

    private static string Encode(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}
