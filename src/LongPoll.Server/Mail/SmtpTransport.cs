using System.Net;
using System.Net.Mail;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Mail;

/// <summary>Sends by SMTP, with STARTTLS where it is configured: then a server that does not offer it gets no mail.</summary>
internal sealed class SmtpTransport(IOptions<SmtpOptions> options, TimeProvider clock) : IMailTransport
{
    public async Task SendAsync(MailMessage mail, string name, CancellationToken cancel)
    {
        var settings = options.Value;
        using var client = new SmtpClient(settings.Host, settings.Port) { EnableSsl = settings.UsesStartTls };
        if (!string.IsNullOrEmpty(settings.User))
        {
            client.Credentials = new NetworkCredential(settings.User, settings.Password);
        }

        // The client's own time limit is not for its asynchronous calls: a server that hangs would hold the lane for ever.
        using var limit = new CancellationTokenSource(settings.TimeLimit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await client.SendMailAsync(mail, either.Token);
        }
        catch (SmtpFailedRecipientException e) when ((int)e.StatusCode is >= 550 and <= 559)
        {
            throw new MailRefusedException("The mail server refuses the recipient.", e);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException("The mail server was too slow.", e);
        }
    }
}
