using LongPoll.Server.Fulfilment;
using LongPoll.Server.Outbox;

namespace LongPoll.Server.Mail;

internal static class MailRegistration
{
    public static IServiceCollection AddMails(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<SmtpOptions>(configuration.GetSection("Smtp"));
        var enabled = configuration.GetValue("Mails:Enabled", defaultValue: true);
        services.AddSingleton(new MailRule(enabled));
        services.AddSingleton<ComposeMails>();
        if (enabled && configuration.GetValue("Fulfilment:Enabled", defaultValue: true))
        {
            services.AddSingleton<IOutboxHandler, SendMails>();
        }

        if (string.IsNullOrEmpty(configuration["Smtp:Host"]))
        {
            services.AddSingleton<IMailTransport, FolderTransport>();
        }
        else
        {
            services.AddSingleton<IMailTransport, SmtpTransport>();
        }

        return services;
    }
}
