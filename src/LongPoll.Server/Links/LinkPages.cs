using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Links;

/// <summary>What a payer typed into the form of a link.</summary>
internal sealed record LinkForm(string Phone, string Email, string FirstName)
{
    public static readonly LinkForm Empty = new("", "", "");
}

/// <summary>
/// The pages of payment links, written by the server. They work without script; with it the waiting page is answered in the moment
/// in which the payment settles, because it holds the same wait as every page.
/// </summary>
internal static class LinkPages
{
    /// <summary>Twelve times a minute stays below the limit of pages (30).</summary>
    private const string Refresh = "<meta http-equiv=\"refresh\" content=\"5\">";

    private const string Style = """
        :root{color-scheme:light dark;--paper:#f6f8f6;--card:#fff;--ink:#14261c;--soft:#51655a;--line:#dbe4de;--field:#7d8f85;--green:#157a43;--on-green:#fff;--red:#b3261e}
        @media (prefers-color-scheme:dark){:root{--paper:#101713;--card:#18211c;--ink:#e9f1ec;--soft:#a3b5aa;--line:#2c3a32;--field:#74877c;--green:#55c98a;--on-green:#08130d;--red:#ff9d94}}
        *{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.55 system-ui,sans-serif}
        main{max-width:27rem;margin:0 auto;padding:2.5rem 1rem}article{background:var(--card);border:1px solid var(--line);border-radius:1rem;padding:1.5rem}
        h1{margin:0;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}.amount{margin:.5rem 0 0;font-size:2rem;font-weight:700;letter-spacing:-.02em}
        .soft{color:var(--soft);font-size:.925rem}.mark{display:grid;place-items:center;width:3.5rem;height:3.5rem;margin-bottom:1rem;border-radius:50%;background:var(--line);font-size:1.75rem}
        .success .mark{background:var(--green);color:var(--on-green)}label{display:block;margin-top:1rem;font-weight:600}
        input{width:100%;margin-top:.25rem;padding:.7rem .8rem;border:1px solid var(--field);border-radius:.6rem;background:var(--paper);color:inherit;font:inherit}
        input[aria-invalid=true]{border-color:var(--red)}.wrong{margin:.25rem 0 0;color:var(--red);font-size:.925rem}
        button,.button{display:block;width:100%;margin-top:1.5rem;padding:.8rem;border:0;border-radius:.6rem;background:var(--green);color:var(--on-green);font:inherit;font-weight:700;text-align:center;text-decoration:none;cursor:pointer}
        :focus-visible{outline:3px solid var(--green);outline-offset:2px}dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:1.25rem 0 0}dt{color:var(--soft)}dd{margin:0;text-align:right;overflow-wrap:anywhere}
        """;

    // Holds the wait that every payment page holds, from the version that is shown; whatever is newer is shown by loading the page again.
    private const string WaitScript = """
        (async () => {
          const { wait, version } = document.getElementById('wait').dataset;
          const token = new URLSearchParams(location.search).get('access_token') ?? '';
          for (;;) {
            let pause = 2;
            try {
              const answer = await fetch(wait + '?since=' + version, { cache: 'no-store', headers: { Authorization: 'Bearer ' + token } });
              if (answer.ok) {
                if ((await answer.json()).version > Number(version)) break;
                pause = 0;
              } else {
                pause = Number(answer.headers.get('Retry-After')) || pause;
              }
            } catch {
              // The network is away: asked again in a moment.
            }
            await new Promise(done => setTimeout(done, pause * 1000 * (1 + Math.random())));
          }
          location.reload();
        })();
        """;

    /// <summary>The form that starts a payment. <paramref name="submission"/> tells a form that is sent twice from two payments.</summary>
    public static string Form(PaymentLink link, LinkForm typed, IReadOnlyDictionary<string, string[]> errors, string submission)
    {
        var body = new StringBuilder(Head(link, "Payment request"));
        if (errors.Count > 0)
        {
            body.Append(CultureInfo.InvariantCulture, $"<p class=\"wrong\" role=\"alert\">{Encode(Summary(errors))}</p>");
        }

        body.Append("<form method=\"post\">")
            .Append(Field("phone", link.Provider == PaymentProviders.Default ? "M-PESA phone number" : "Phone number", typed.Phone, "tel", "tel", errors))
            .Append(Field("email", "Email", typed.Email, "email", "email", errors))
            .Append(Field("firstName", "First name", typed.FirstName, "text", "given-name", errors))
            .Append(CultureInfo.InvariantCulture, $"<input type=\"hidden\" name=\"submission\" value=\"{Encode(submission)}\"><button>Pay {Encode(Amount(link.Amount))}</button></form>")
            .Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">To be paid until {Time(link.ExpiresAt)}. Your receipt goes to your email.</p>");
        return Shell("Pay " + Amount(link.Amount), "open", body.ToString());
    }

    /// <summary>Somebody is paying, or has been and may still be charged: no second payment is started.</summary>
    public static string UnderWay(PaymentLink link) => Shell(
        "A payment is under way",
        "underway",
        Head(link, "A payment is under way") + "<p role=\"status\">Somebody is paying this just now. If that is you, look at your phone. This page looks again every few seconds.</p>",
        Refresh);

    /// <summary>The page of one payment, for whoever started it.</summary>
    /// <param name="link">The link that it pays.</param>
    /// <param name="order">The payment.</param>
    /// <param name="root">What stands before every path of this server.</param>
    /// <param name="nonce">Lets the page's own script run, and no other.</param>
    public static string Payment(PaymentLink link, OrderView order, string root, string nonce)
    {
        var title = order switch
        {
            { Settled: false } => "Waiting for payment",
            { PaymentStatus: "cancelled" } => "Payment cancelled",
            _ => "Payment not completed",
        };
        var body = new StringBuilder(Head(link, title));
        body.Append(CultureInfo.InvariantCulture, $"<p role=\"status\">{Encode(Sentence(order.Message))}</p>");
        if (order.CheckoutUrl is { } page)
        {
            body.Append(CultureInfo.InvariantCulture, $"<a class=\"button\" href=\"{Encode(page)}\">Go to the payment page</a>");
        }

        if (order.SafeToRetry)
        {
            body.Append(CultureInfo.InvariantCulture, $"<a class=\"button\" href=\"{Encode(root)}/pay/{link.ShortCode}\">Try again</a>");
            return Shell(title, order.PaymentStatus, body.ToString());
        }

        body.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">Order {Encode(order.OrderNumber)}. This page changes by itself.</p>")
            .Append(CultureInfo.InvariantCulture, $"<script id=\"wait\" nonce=\"{nonce}\" data-wait=\"{Encode(root)}/orders/{order.OrderId:D}/wait\" data-version=\"{order.Version}\">{WaitScript}</script>");
        return Shell(title, order.PaymentStatus, body.ToString(), $"<noscript>{Refresh}</noscript>");
    }

    /// <summary>The link has its money.</summary>
    public static string Success(PaymentLink link) => Shell(
        "Payment successful",
        "success",
        Mark("✓") + Head(link, "Payment successful!") + "<dl>"
        + (link.Money is { } money ? $"<dt>Receipt</dt><dd>{Encode(money.TransactionId)}</dd><dt>Paid</dt><dd>{Time(money.At)}</dd>" : "") + "</dl>");

    /// <summary>Its time is over.</summary>
    public static string Expired(PaymentLink link) => Shell(
        "Payment link expired",
        "expired",
        Mark("⌛") + Head(link, "This payment link has expired")
        + $"<p>The time to pay was over on {Time(link.ExpiresAt)}. Ask whoever sent you the link for a new one. If you have paid, you need not pay again: money that arrives late counts.</p>");

    /// <summary>The merchant took it back.</summary>
    public static string Canceled(PaymentLink link) => Shell(
        "Payment link canceled",
        "canceled",
        Mark("✕") + Head(link, "This payment link was canceled") + "<p>It can no longer be paid. Ask whoever sent it to you if you think that this is a mistake.</p>");

    /// <summary>A draft.</summary>
    public static string NotOpen() => Shell("Not open yet", "draft", "<h1>This payment link is not open yet</h1><p>Ask whoever sent it to you.</p>");

    public static string Unknown() => Shell("Unknown payment link", "unknown", "<h1>We cannot find this payment link</h1><p>The address may be incomplete.</p>");

    public static string TooMany(PaymentLink link) => Shell(
        "One moment, please",
        "busy",
        Head(link, "One moment, please") + "<p role=\"alert\">Your phone has had several payment requests just now. Try again in ten minutes.</p>");

    private static string Head(PaymentLink link, string title) =>
        $"<h1>{Encode(title)}</h1><p class=\"amount\">{Encode(Amount(link.Amount))}</p><p>{Encode(link.Description)}</p>";

    // Beside the words, and nothing that is not in them.
    private static string Mark(string sign) => $"<div class=\"mark\" aria-hidden=\"true\">{sign}</div>";

    private static string Field(string name, string label, string value, string type, string autocomplete, IReadOnlyDictionary<string, string[]> errors)
    {
        var wrong = errors.TryGetValue(name, out var why);
        var (state, told) = wrong
            ? ($" aria-invalid=\"true\" aria-describedby=\"{name}-wrong\"", $"<p class=\"wrong\" id=\"{name}-wrong\">{Encode(string.Join(' ', why!))}</p>")
            : ("", "");
        return $"<label for=\"{name}\">{label}</label><input id=\"{name}\" name=\"{name}\" type=\"{type}\" autocomplete=\"{autocomplete}\" value=\"{Encode(value)}\" required{state}>{told}";
    }

    // What is wrong with a field stands at the field; what is wrong with the link stands here.
    private static string Summary(IReadOnlyDictionary<string, string[]> errors) => string.Join(
        ' ', errors.Where(e => e.Key is not ("phone" or "email" or "firstName")).SelectMany(e => e.Value).DefaultIfEmpty("Some of this cannot be right. Look at the fields below."));

    // 300.00 is said as 300, 300.50 in full.
    private static string Amount(Money money)
    {
        var format = money.Major == decimal.Truncate(money.Major) ? "N0" : $"N{Currencies.Decimals(money.Currency) ?? 2}";
        return $"{money.Currency} {money.Major.ToString(format, CultureInfo.InvariantCulture)}";
    }

    private static string Time(DateTime at) => string.Create(
        CultureInfo.InvariantCulture, $"<time datetime=\"{at:yyyy-MM-dd'T'HH:mm:ss'Z'}\">{at:d MMMM yyyy, HH:mm} UTC</time>");

    // Messages are sentences without their full stop, save for those that end otherwise.
    private static string Sentence(string message) => message is [.., '.' or '!' or '?'] ? message : message + ".";

    private static string Encode(string text) => HtmlEncoder.Default.Encode(text);

    private static string Shell(string title, string state, string body, string head = "") =>
        $"""
        <!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
        <title>{Encode(title)}</title>{head}<style>{Style}</style></head><body><main><article class="{state}" data-status="{state}">{body}</article></main></body></html>
        """;
}
