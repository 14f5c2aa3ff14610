namespace LongPoll.Server.Mail;

/// <summary>Section <c>Smtp</c>: how mails leave the house.</summary>
internal sealed class SmtpOptions
{
    /// <summary>The mail server. Without it mails are written as <c>.eml</c> files to <see cref="Folder"/>.</summary>
    public string? Host { get; set; }

    public int Port { get; set; } = 587;

    public string? User { get; set; }

    public string? Password { get; set; }

    /// <summary>Sender, an address with or without a name before it. Its domain stands in every Message-ID, so it is the same on all nodes.</summary>
    public string From { get; set; } = "Tickets <tickets@localhost>";

    /// <summary>Asks for TLS before anything is said (STARTTLS). By default where there is a user, or the port is 587.</summary>
    public bool? StartTls { get; set; }

    /// <summary>Where mails go without a mail server; beside the content root unless it is a full path.</summary>
    public string Folder { get; set; } = "mails";

    /// <summary>How long handing over one mail may take.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(12);

    public bool UsesStartTls => StartTls ?? (!string.IsNullOrEmpty(User) || Port == 587);
}
