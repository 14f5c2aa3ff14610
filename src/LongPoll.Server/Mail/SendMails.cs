using System.Net.Mail;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Mail;

/// <summary>
/// Sends the mails that an order promises, each on its own: one that fails is tried again later and holds up no other. A mail is
/// noted after the server took it. Who dies between the two sends it again, with the same Message-ID: a ticket twice is a nuisance,
/// a ticket never is a loss.
/// </summary>
internal sealed partial class SendMails(
    IFulfilmentStore store, ComposeMails compose, IMailTransport transport, PaymentMetrics metrics, TimeProvider clock, ILogger<SendMails> logger)
    : IOutboxHandler
{
    public string Kind => OutboxMessage.MailKind;

    public OutboxLane Lane { get; } = new(AtOnce: 4, OutboxLane.TriesOfTwoDays, Gather: TimeSpan.FromMilliseconds(50));

    public async Task<HandlingResult> HandleAsync(OutboxMessage message, CancellationToken cancel)
    {
        if (await store.FindPaidOrdersAsync([message.OrderId], cancel) is not [var paid])
        {
            return HandlingResult.Completed;
        }

        string? failed = null;
        foreach (var kind in KindsOf(message).Except(paid.Mails, StringComparer.Ordinal))
        {
            try
            {
                await SendAsync(paid, kind, cancel);
            }
            catch (Exception e) when (e is SmtpException or IOException or TimeoutException or UnauthorizedAccessException)
            {
                LogFailed(logger, kind, message.OrderId, message.Tries, e is SmtpException smtp ? smtp.StatusCode.ToString() : e.GetType().Name);
                failed = "mail server";
            }
        }

        return failed is null ? HandlingResult.Completed : HandlingResult.TryLater(failed);
    }

    // mail:<order>:<kind>,<kind>
    private static string[] KindsOf(OutboxMessage message) => message.Key[(message.Key.LastIndexOf(':') + 1)..].Split(',');

    private async Task SendAsync(PaidOrder paid, string kind, CancellationToken cancel)
    {
        var orderId = paid.Order.OrderId;
        var messageId = compose.MessageId(orderId, kind);
        if (paid.Order.Customer.Email.Length == 0)
        {
            // Erased meanwhile.
            await store.NoteMailAsync(orderId, kind, messageId, "dropped", clock.GetUtcTimestamp(), cancel);
            return;
        }

        var outcome = "sent";
        using var mail = compose.Compose(paid, kind, messageId);
        try
        {
            await transport.SendAsync(mail, $"{paid.Order.OrderNumber}-{kind}", cancel);
            LogSent(logger, kind, orderId);
        }
        catch (MailRefusedException)
        {
            outcome = "refused";
            LogRefused(logger, kind, orderId);
            metrics.Alarm("mail_refused");
        }

        // It is out: from here on nothing may keep it from being noted.
        await store.NoteMailAsync(orderId, kind, messageId, outcome, clock.GetUtcTimestamp(), CancellationToken.None);
    }

    [LoggerMessage(1200, LogLevel.Information, "Mail {Kind} of order {OrderId} was sent")]
    private static partial void LogSent(ILogger logger, string kind, Guid orderId);

    [LoggerMessage(1201, LogLevel.Warning, "Mail {Kind} of order {OrderId} could not be sent at try {Tries}: {Error}")]
    private static partial void LogFailed(ILogger logger, string kind, Guid orderId, int tries, string error);

    [LoggerMessage(1202, LogLevel.Error, "ALARM the mail server refuses the recipient of mail {Kind} of order {OrderId}")]
    private static partial void LogRefused(ILogger logger, string kind, Guid orderId);
}
