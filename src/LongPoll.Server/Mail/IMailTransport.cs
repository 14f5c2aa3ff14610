using System.Net.Mail;

namespace LongPoll.Server.Mail;

/// <summary>Hands a mail over to whoever delivers it.</summary>
internal interface IMailTransport
{
    /// <summary>Returns when it has been taken.</summary>
    /// <param name="mail">The whole mail.</param>
    /// <param name="name">Unique per mail and the same at every try, fit for a file.</param>
    /// <param name="cancel">Ends the try.</param>
    /// <exception cref="SmtpException">Not taken this time.</exception>
    /// <exception cref="MailRefusedException">The server will not take a mail to this address.</exception>
    Task SendAsync(MailMessage mail, string name, CancellationToken cancel);
}

/// <summary>The mail server said no for good to the recipient.</summary>
internal sealed class MailRefusedException : Exception
{
    public MailRefusedException()
        : base("The mail server refuses the recipient.")
    {
    }

    public MailRefusedException(string message)
        : base(message)
    {
    }

    public MailRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
