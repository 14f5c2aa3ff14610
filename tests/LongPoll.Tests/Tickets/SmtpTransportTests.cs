using System.Net.Mail;
using LongPoll.Server.Mail;
using Microsoft.Extensions.Options;
using Xunit;

namespace LongPoll.Tests.Tickets;

/// <summary>What the mail client makes of a server's answers.</summary>
public sealed class SmtpTransportTests
{
    [Fact]
    public async Task ContentRefusedForNow_IsNeverTakenForSent()
    {
        await using var server = MailServer.Start();
        server.Taking = _ => Task.FromResult("451 later");
        var transport = new SmtpTransport(Options.Create(new SmtpOptions { Host = "127.0.0.1", Port = server.Port, From = "tickets@example.com" }), TimeProvider.System);

        for (var n = 0; n < 30; n++)
        {
            using var mail = new MailMessage("tickets@example.com", "buyer@example.com", "Your ticket", "Here it is.");
            await Assert.ThrowsAsync<SmtpException>(() => transport.SendAsync(mail, "name", TestContext.Current.CancellationToken));
        }

        Assert.Empty(server.Mails);
    }
}
