using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Hosting;

/// <summary>
/// The page of a payment for those without JavaScript: written by the server, loaded anew by the browser every few
/// seconds until there is nothing more to wait for. It fills the marks of a shell: the shop's, or its own.
/// </summary>
internal static class PlainPayment
{
    /// <summary>Twelve times a minute stays below the limit of pages (30).</summary>
    private const int RefreshSeconds = 5;

    private const string RefreshMark = "<!--refresh-->";
    private const string BodyMark = "<!--body-->";
    private const string BodyEnd = "<!--/body-->";

    /// <summary>For a server without the shop.</summary>
    public static string Shell { get; } = ReadShell();

    public static string Of(string shell, OrderView order)
    {
        var text = HtmlEncoder.Default;
        var title = order.PaymentStatus switch
        {
            "completed" => "Payment successful!",
            "cancelled" => "Payment cancelled",
            "failed" => "Payment not completed",
            "expired" => "Payment request ran out",
            _ => "Waiting for payment",
        };
        var body = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"<section data-status=\"{order.PaymentStatus}\"><h1>{title}</h1><p>{text.Encode(Sentence(order.Message))}</p><dl>")
            .Append(CultureInfo.InvariantCulture, $"<dt>Order</dt><dd>{text.Encode(order.OrderNumber)}</dd>")
            .Append(CultureInfo.InvariantCulture, $"<dt>Total</dt><dd>{text.Encode(order.Currency)} {order.TotalAmount:#,0.##}</dd>");
        Line("Receipt", order.Receipt);
        Line("Booking", order.BookingReference);
        body.Append("</dl>");

        var waits = !order.Settled || order.Fulfilment == "pending";
        if (order.CheckoutUrl is { } address && !order.Settled)
        {
            body.Append(CultureInfo.InvariantCulture, $"<p><a href=\"{text.Encode(address)}\">Go to the payment page</a></p>");
        }

        body.Append(order switch
        {
            { Settled: false } => "<p>This page looks again every few seconds.</p>",
            { Fulfilment: "pending" } => "<p>Your tickets are being made; they also come by email.</p>",
            { PaymentStatus: "completed" } => "<p>Your tickets are on their way to your email.</p>",
            _ => "<p>To try again, order once more, or open this page in a browser with JavaScript.</p>",
        });
        return Fill(shell, body.Append("</section>").ToString(), waits);

        void Line(string name, string? value)
        {
            if (value is not null)
            {
                body.Append(CultureInfo.InvariantCulture, $"<dt>{name}</dt><dd>{text.Encode(value)}</dd>");
            }
        }
    }

    public static string Unknown(string shell) => Fill(shell, "<h1>We cannot find this payment</h1><p>The address may be incomplete.</p>", waits: false);

    public static string Closed(string shell) => Fill(shell, "<h1>This payment is private</h1><p>Open it with the link from your email.</p>", waits: false);

    public static string Away(string shell) => Fill(shell, "<h1>One moment, please</h1><p>Your payment cannot be looked up right now. This page tries again by itself.</p>", waits: true);

    // Messages are sentences without their full stop, save for those that end otherwise.
    private static string Sentence(string message) => message is [.., '.' or '!' or '?'] ? message : message + ".";

    private static string Fill(string shell, string body, bool waits)
    {
        var start = shell.IndexOf(BodyMark, StringComparison.Ordinal);
        var end = shell.IndexOf(BodyEnd, StringComparison.Ordinal);
        var refresh = waits ? FormattableString.Invariant($"<meta http-equiv=\"refresh\" content=\"{RefreshSeconds}\">") : "";
        return string.Concat(shell.AsSpan(0, start), body, shell.AsSpan(end + BodyEnd.Length)).Replace(RefreshMark, refresh, StringComparison.Ordinal);
    }

    private static string ReadShell()
    {
        using var page = Assembly.GetExecutingAssembly().GetManifestResourceStream("payment.html")!;
        using var reader = new StreamReader(page);
        return reader.ReadToEnd();
    }
}
