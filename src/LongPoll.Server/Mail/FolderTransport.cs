using System.Net.Mail;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Mail;

/// <summary>Writes mails as <c>.eml</c> files, which every mail program opens. A mail that is written again replaces its file.</summary>
internal sealed class FolderTransport(IOptions<SmtpOptions> options, IHostEnvironment environment) : IMailTransport
{
    private readonly string _folder = Path.Combine(environment.ContentRootPath, options.Value.Folder);

    public Task SendAsync(MailMessage mail, string name, CancellationToken cancel)
    {
        // Written aside and moved into place: who looks into the folder sees whole mails only.
        var aside = Directory.CreateDirectory(Path.Combine(_folder, $".{name}-{Guid.NewGuid():N}"));
        try
        {
            using var client = new SmtpClient { DeliveryMethod = SmtpDeliveryMethod.SpecifiedPickupDirectory, PickupDirectoryLocation = aside.FullName };
            client.Send(mail);
            File.Move(aside.EnumerateFiles().Single().FullName, Path.Combine(_folder, name + ".eml"), overwrite: true);
        }
        finally
        {
            aside.Delete(recursive: true);
        }

        return Task.CompletedTask;
    }
}
