using System.Globalization;
using System.Net.Mail;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Jobs;
using LongPoll.Server.Mail;
using LongPoll.Server.Providers.PayHero;

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
        var problems = new List<string>();
        CheckValues(configuration, problems);
        if (problems.Count == 0 && !development)
        {
            CheckSafety(configuration, problems);
        }

        if (problems.Count > 0)
        {
            throw new BadConfigurationException(problems);
        }
    }

    private static void CheckValues(IConfiguration configuration, List<string> problems)
    {
        var longPoll = Bind<LongPollOptions>(configuration, "LongPoll", problems);
        Between(longPoll.Hold, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(120), "LongPoll:Hold", problems);
        Between(longPoll.CacheTtl, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "LongPoll:CacheTtl", problems);
        Between(longPoll.DrainTime, TimeSpan.Zero, TimeSpan.FromMinutes(5), "LongPoll:DrainTime", problems);
        AtLeastOne(longPoll.MaxWaiters, "LongPoll:MaxWaiters", problems);
        AtLeastOne(longPoll.MaxWaitersPerOrder, "LongPoll:MaxWaitersPerOrder", problems);

        var payHero = Bind<PayHeroOptions>(configuration, PayHeroOptions.Section, problems);
        Between(payHero.PromptHorizon, TimeSpan.FromSeconds(180), TimeSpan.FromHours(24), "PayHero:PromptHorizon", problems);
        foreach (var key in (string[])["PayHero:BaseUrl", "PayHero:CallbackUrl", "PublicUrl", "TicketApi:BaseUrl"])
        {
            if (configuration[key] is { Length: > 0 } text && !(Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            {
                problems.Add($"{key} must be an absolute http or https address.");
            }
        }

        if (configuration["PayHero:CallbackUrl"]?.Contains('?', StringComparison.Ordinal) == true)
        {
            problems.Add("PayHero:CallbackUrl must have no query: each push adds a token of its own to the path.");
        }

        if (payHero.BasicAuthToken?.Any(char.IsControl) == true)
        {
            problems.Add("PayHero:BasicAuthToken must be one line.");
        }

        if (!string.IsNullOrEmpty(payHero.BasicAuthToken) && payHero.ChannelId is null)
        {
            problems.Add("PayHero:ChannelId is required with PayHero:BasicAuthToken: the channel that collects.");
        }

        foreach (var origin in NetworkRules.List(configuration["Cors:Origins"]))
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.PathAndQuery != "/")
            {
                problems.Add($"Cors:Origins: {origin} is no origin such as https://shop.example.com.");
            }
        }

        var retention = Bind<RetentionOptions>(configuration, "Retention", problems);
        Between(retention.Callbacks, TimeSpan.FromDays(1), TimeSpan.FromDays(3650), "Retention:Callbacks", problems);

        foreach (var name in RateLimits.Defaults.Keys.Where(name => RateLimits.Find(configuration, name) is null))
        {
            problems.Add($"RateLimits:{name} must be like {RateLimits.Defaults[name]}: requests, a slash, a time in s, min or h.");
        }

        Bind<OrdersOptions>(configuration, "Orders", problems);
        var ticketApi = Bind<TicketApiOptions>(configuration, "TicketApi", problems);
        Between(ticketApi.TimeLimit, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10), "TicketApi:TimeLimit", problems);
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

    private static void CheckMails(IConfiguration configuration, List<string> problems)
    {
        var smtp = Bind<SmtpOptions>(configuration, "Smtp", problems);
        if (!MailAddress.TryCreate(smtp.From, out _) || smtp.From.Any(char.IsControl))
        {
            problems.Add("Smtp:From must be an e-mail address, such as Tickets <tickets@example.com>.");
        }

        if (smtp.Port is < 1 or > 65_535)
        {
            problems.Add("Smtp:Port must be 1 to 65535.");
        }

        Between(smtp.TimeLimit, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(14), "Smtp:TimeLimit", problems);
    }

    private static void CheckSafety(IConfiguration configuration, List<string> problems)
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

        if (configuration.GetSection(PayHeroOptions.Section).Get<PayHeroOptions>() is { } payHero
            && !string.IsNullOrEmpty(payHero.BasicAuthToken) && payHero.CallbackTokens.Count == 0)
        {
            problems.Add("PayHero:CallbackToken is required outside Development: PayHero does not sign its callbacks.");
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

    private static T Bind<T>(IConfiguration configuration, string section, List<string> problems)
        where T : new()
    {
        try
        {
            return configuration.GetSection(section).Get<T>() ?? new T();
        }
        catch (InvalidOperationException e)
        {
            // "Failed to convert configuration value 'x' at 'LongPoll:Hold' to type 'System.TimeSpan'."
            problems.Add(e.Message);
            return new T();
        }
    }

    private static void Between(TimeSpan value, TimeSpan least, TimeSpan most, string key, List<string> problems)
    {
        if (value < least || value > most)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{key} is {value} but must be {least} to {most} (hours:minutes:seconds)."));
        }
    }

    private static void AtLeastOne(int value, string key, List<string> problems)
    {
        if (value < 1)
        {
            problems.Add($"{key} must be at least 1.");
        }
    }
}
