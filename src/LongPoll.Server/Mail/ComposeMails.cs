using System.Globalization;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Mail;

/// <summary>Makes the mails about a paid order: text and HTML, QR codes in the page and attached.</summary>
internal sealed class ComposeMails(IOptions<SmtpOptions> options, SelfAddress self, AccessTokens tokens, TicketCodes codes)
{
    private readonly MailAddress _from = new(options.Value.From);

    /// <summary>Follows from order and kind, whichever node sends and however often: mail programs show one of two that have the same.</summary>
    public string MessageId(Guid orderId, string kind) => $"<{kind}.{orderId:N}@{_from.Host}>";

    public MailMessage Compose(PaidOrder paid, string kind, string messageId)
    {
        var letter = Letter(paid, kind);
        var mail = new MailMessage(_from, new MailAddress(paid.Order.Customer.Email, OneLine(paid.BuyerName), Encoding.UTF8))
        {
            Subject = OneLine(letter.Subject),
            SubjectEncoding = Encoding.UTF8,
        };
        mail.Headers.Add("Message-ID", messageId);

        // Nobody's holiday note is to answer it.
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        if (MailAddress.TryCreate(paid.Event?.OrganizerEmail, out var organizer))
        {
            mail.ReplyToList.Add(new MailAddress(organizer.Address));
        }

        mail.AlternateViews.Add(AlternateView.CreateAlternateViewFromString(letter.Text, new ContentType("text/plain; charset=utf-8")));
        var page = AlternateView.CreateAlternateViewFromString(letter.Html, new ContentType("text/html; charset=utf-8"));
        foreach (var code in letter.Codes)
        {
            var png = QrImages.Png(codes.For(paid.Order.OrderId, code.Number));
            page.LinkedResources.Add(new LinkedResource(new MemoryStream(png), new ContentType("image/png") { Name = code.FileName })
            {
                ContentId = code.ContentId,
                TransferEncoding = TransferEncoding.Base64,
            });
            mail.Attachments.Add(new Attachment(new MemoryStream(png), code.FileName, "image/png"));
        }

        mail.AlternateViews.Add(page);
        return mail;
    }

    private Letter Letter(PaidOrder paid, string kind)
    {
        var orderId = paid.Order.OrderId;
        var link = string.Create(CultureInfo.InvariantCulture, $"{self.Public}/orders/{orderId:D}/tickets?access_token={tokens.For(orderId)}");
        return kind switch
        {
            MailKinds.Welcome => Letters.Welcome(paid, link),
            MailKinds.Ticket => Letters.Ticket(paid, link),
            MailKinds.Receipt => Letters.Receipt(paid, link),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, message: null),
        };
    }

    /// <summary>What others typed becomes part of a header: no line ends there but ours.</summary>
    private static string OneLine(string text) => string.Concat(text.Select(static c => char.IsControl(c) || c is '\u2028' or '\u2029' ? ' ' : c)).Trim();
}

/// <summary>A mail before it is packed.</summary>
internal sealed record Letter(string Subject, string Text, string Html, IReadOnlyList<LetterCode> Codes);

/// <summary>A QR code that a letter shows.</summary>
internal sealed record LetterCode(int Number, string ContentId, string FileName);
