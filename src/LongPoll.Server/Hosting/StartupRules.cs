using System.Net.Mail;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Jobs;
using LongPoll.Server.Mail;
using LongPoll.Server.Providers;

namespace LongPoll.Server.Hosting;

/// <summary>The configuration cannot be started with. Each problem is one line that names its key.</summary>
internal sealed class BadConfigurationException(IReadOnlyList<string> problems)
    : Exception(string.Join(Environment.NewLine, problems));

/// <summary>
/// Looks at the whole configuration before anything starts. What is merely wrong is refused everywhere; what is
/// unsafe is refused outside Development.
/// </summary>
internal static class StartupRules
{
    private const int ShortestKey = 32;

    public static void Check(IConfiguration configuration, bool development)
    {
        var problems = new ConfigurationProblems();
        CheckValues(configuration, problems);
        if (problems.Lines.Count == 0 && !development)
        {
            CheckSafety(configuration, problems);
        }

        if (problems.Lines.Count > 0)
        {
            throw new BadConfigurationException(problems.Lines);
        }
    }

    private static void CheckValues(IConfiguration configuration, ConfigurationProblems problems)
    {
        var longPoll = problems.Bind<LongPollOptions>(configuration, "LongPoll");
        problems.Between(longPoll.Hold, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(120), "LongPoll:Hold");
        problems.Between(longPoll.CacheTtl, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "LongPoll:CacheTtl");
        problems.Between(longPoll.DrainTime, TimeSpan.Zero, TimeSpan.FromMinutes(5), "LongPoll:DrainTime");
        problems.AtLeastOne(longPoll.MaxWaiters, "LongPoll:MaxWaiters");
        problems.AtLeastOne(longPoll.MaxWaitersPerOrder, "LongPoll:MaxWaitersPerOrder");

        problems.Address(configuration, "PublicUrl");
        problems.Address(configuration, "TicketApi:BaseUrl");
        foreach (var provider in ProviderCatalog.All)
        {
            provider.CheckValues(configuration, problems);
        }

        foreach (var origin in NetworkRules.List(configuration["Cors:Origins"]))
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.PathAndQuery != "/")
            {
                problems.Add($"Cors:Origins: {origin} is no origin such as https://shop.example.com.");
            }
        }

        var retention = problems.Bind<RetentionOptions>(configuration, "Retention");
        problems.Between(retention.Callbacks, TimeSpan.FromDays(1), TimeSpan.FromDays(3650), "Retention:Callbacks");
        problems.Between(retention.JobRuns, TimeSpan.FromDays(1), TimeSpan.FromDays(3650), "Retention:JobRuns");
        JobPlans.Check(configuration, problems);

        foreach (var name in RateLimits.Defaults.Keys.Where(name => RateLimits.Find(configuration, name) is null))
        {
            problems.Add($"RateLimits:{name} must be like {RateLimits.Defaults[name]}: requests, a slash, a time in s, min or h.");
        }

        problems.Bind<OrdersOptions>(configuration, "Orders");
        var ticketApi = problems.Bind<TicketApiOptions>(configuration, "TicketApi");
        problems.Between(ticketApi.TimeLimit, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10), "TicketApi:TimeLimit");
        CheckMails(configuration, problems);
        foreach (var key in (string[])["Security:Key", "Admin:Key"])
        {
            if (configuration[key] is { Length: > 0 and < ShortestKey })
            {
                problems.Add($"{key} must have at least {ShortestKey} characters.");
            }
        }

        foreach (var key in (string[])["Sandbox:Enabled", "Fulfilment:Enabled", "Mails:Enabled"])
        {
            if (configuration[key] is { Length: > 0 } text && !bool.TryParse(text, out _))
            {
                problems.Add($"{key} must be true or false.");
            }
        }
    }

    private static void CheckMails(IConfiguration configuration, ConfigurationProblems problems)
    {
        var smtp = problems.Bind<SmtpOptions>(configuration, "Smtp");
        if (!MailAddress.TryCreate(smtp.From, out _) || smtp.From.Any(char.IsControl))
        {
            problems.Add("Smtp:From must be an e-mail address, such as Tickets <tickets@example.com>.");
        }

        if (smtp.Port is < 1 or > 65_535)
        {
            problems.Add("Smtp:Port must be 1 to 65535.");
        }

        problems.Between(smtp.TimeLimit, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(14), "Smtp:TimeLimit");
    }

    private static void CheckSafety(IConfiguration configuration, ConfigurationProblems problems)
    {
        foreach (var key in (string[])["Security:Key", "Admin:Key"])
        {
            if (string.IsNullOrEmpty(configuration[key]))
            {
                problems.Add($"{key} is required outside Development, with at least {ShortestKey} characters.");
            }
        }

        if (string.IsNullOrEmpty(configuration["Jobs:CronSecret"]) && string.IsNullOrEmpty(configuration["CRON_SECRET"]))
        {
            problems.Add("Jobs:CronSecret (or CRON_SECRET) is required outside Development.");
        }

        var orders = configuration.GetSection("Orders").Get<OrdersOptions>();
        if (string.IsNullOrEmpty(orders?.ApiKey) && orders?.TrustBrowserPrices != true)
        {
            problems.Add("Orders:ApiKey is required outside Development; Orders:TrustBrowserPrices=true lets browsers name prices instead.");
        }

        foreach (var provider in ProviderCatalog.All)
        {
            provider.CheckSafety(configuration, problems);
        }

        if (!string.IsNullOrEmpty(configuration["Smtp:User"]) && !configuration.GetValue("Smtp:StartTls", defaultValue: true))
        {
            problems.Add("Smtp:StartTls=false with Smtp:User is for Development only: the password would go out in the clear.");
        }

        if (configuration.GetValue("Sandbox:Enabled", defaultValue: false))
        {
            problems.Add("Sandbox:Enabled is for Development only: the pretend phone pays any order.");
        }
    }
}
