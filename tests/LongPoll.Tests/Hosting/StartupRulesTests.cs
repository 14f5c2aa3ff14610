using LongPoll.Server.Hosting;
using Xunit;

namespace LongPoll.Tests.Hosting;

/// <summary>What the server does not start with: one clear line that names the key.</summary>
public sealed class StartupRulesTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";

    private static readonly Dictionary<string, string?> Safe = new(StringComparer.Ordinal)
    {
        ["Security:Key"] = Key,
        ["Admin:Key"] = Key,
        ["Orders:ApiKey"] = "shop",
        ["Jobs:CronSecret"] = "cron",
    };

    [Theory]
    [InlineData("LongPoll:Hold", "a minute")]
    [InlineData("LongPoll:Hold", "00:00:00")]
    [InlineData("LongPoll:Hold", "00:02:01")]
    [InlineData("LongPoll:CacheTtl", "-00:00:01")]
    [InlineData("LongPoll:DrainTime", "01:00:00")]
    [InlineData("LongPoll:MaxWaiters", "0")]
    [InlineData("LongPoll:MaxWaiters", "many")]
    [InlineData("LongPoll:MaxWaitersPerOrder", "-1")]
    [InlineData("LongPoll:RequireAccessToken", "perhaps")]
    [InlineData("PayHero:PromptHorizon", "00:02:59")]
    [InlineData("PayHero:ChannelId", "till")]
    [InlineData("PayHero:BaseUrl", "payhero")]
    [InlineData("PayHero:CallbackUrl", "ftp://shop.example")]
    [InlineData("PublicUrl", "shop.example")]
    [InlineData("Stripe:BaseUrl", "stripe")]
    [InlineData("Stripe:SecretKey", "pk_live_1")]
    [InlineData("PhonePe:BaseUrl", "ftp://phonepe.example")]
    [InlineData("Security:Key", "0123456789abcdef0123456789abcde")]
    [InlineData("Admin:Key", "short")]
    [InlineData("Orders:TrustBrowserPrices", "sure")]
    [InlineData("Sandbox:Enabled", "maybe")]
    [InlineData("Fulfilment:Enabled", "later")]
    [InlineData("Mails:Enabled", "some")]
    [InlineData("TicketApi:BaseUrl", "tickets.example")]
    [InlineData("TicketApi:TimeLimit", "00:01:00")]
    [InlineData("Smtp:Port", "70000")]
    [InlineData("Smtp:Port", "smtp")]
    [InlineData("Smtp:From", "nobody")]
    [InlineData("Smtp:StartTls", "if possible")]
    [InlineData("Smtp:TimeLimit", "00:00:40")]
    [InlineData("Jobs:expired-links:Schedule", "every five minutes")]
    [InlineData("Jobs:expired-links:Schedule", "*/5 * * * * *")]
    [InlineData("Jobs:stuck-payments:Schedule", "61 * * * *")]
    [InlineData("Jobs:reconcile:Schedule", "0 0 30 2 *")]
    [InlineData("Jobs:stuck-payments:Enabled", "sometimes")]
    [InlineData("Retention:JobRuns", "00:00:01")]
    [InlineData("ConnectionStrings:Postgres", "Host=x;Port=abc")]
    [InlineData("ConnectionStrings:Postgres", "nonsense=1")]
    public void Build_AWrongValue_IsRefusedEverywhere(string key, string value)
    {
        Assert.Contains(key, Refusal("Development", (key, value)), StringComparison.Ordinal);
        Assert.Contains(key, Refusal("Production", (key, value)), StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Acceptance", "163")]
    [InlineData("Security:Key", null)]
    [InlineData("Security:Key", "")]
    [InlineData("Admin:Key", null)]
    [InlineData("Orders:ApiKey", null)]
    [InlineData("Orders:ApiKey", "")]
    [InlineData("Jobs:CronSecret", null)]
    [InlineData("Jobs:CronSecret", "")]
    [InlineData("Sandbox:Enabled", "true")]
    public void Build_UnsafeInProduction_IsRefusedThere(string key, string? value) =>
        Assert.Contains(key, Refusal("Production", (key, value)), StringComparison.Ordinal);

    [Theory]
    [InlineData("Stripe:WebhookSecret", "Stripe:SecretKey", "sk_live_1")]
    [InlineData("PhonePe:SaltKey", "PhonePe:MerchantId", "M1")]
    [InlineData("PhonePe:WebhookPassword", "PhonePe:WebhookUser", "hook")]
    public void Build_AProviderWithoutTheSecretOfItsCallbacks_IsRefusedInProduction(string missing, string key, string value) =>
        Assert.Contains(missing, Refusal("Production", (key, value)), StringComparison.Ordinal);

    [Fact]
    public async Task Build_EveryProviderWithItsSecrets_StartsInProduction()
    {
        await using var app = Build(
            "Production", ("Stripe:SecretKey", "sk_live_1"), ("Stripe:WebhookSecret", "whsec_1"), ("PhonePe:MerchantId", "M1"), ("PhonePe:SaltKey", "salt"),
            ("PhonePe:WebhookUser", "hook"), ("PhonePe:WebhookPassword", "password"));
        Assert.NotNull(app);
    }

    [Fact]
    public void Build_JobThatDoesNotExist_IsRefusedWithThoseThatDo()
    {
        var refusal = Refusal("Production", ("Jobs:expired-link:Enabled", "false"));

        Assert.Contains("Jobs:expired-link:", refusal, StringComparison.Ordinal);
        Assert.Contains("expired-links, stuck-payments, reconcile", refusal, StringComparison.Ordinal);
    }

    // What a shell can export.
    [Fact]
    public async Task Build_JobWithAnUnderscoreForItsHyphen_IsTheSameJob()
    {
        await using var app = Build("Production", ("Jobs:expired_links:Schedule", "*/2 * * * *"), ("Jobs:stuck-payments:Schedule", "none"));
        Assert.NotNull(app);
        Assert.Contains("Jobs:expired-links:Schedule", Refusal("Production", ("Jobs:expired_links:Schedule", "soon")), StringComparison.Ordinal);
    }

    [Fact]
    public void Build_PasswordOfTheMailServerInTheClear_IsRefusedInProduction() =>
        Assert.Contains("Smtp:StartTls", Refusal("Production", ("Smtp:User", "shop"), ("Smtp:StartTls", "false")), StringComparison.Ordinal);

    [Fact]
    public void Build_PayHeroWithoutCallbackToken_IsRefusedInProduction() =>
        Assert.Contains("PayHero:CallbackToken", Refusal("Production", ("PayHero:BasicAuthToken", "dTpw"), ("PayHero:ChannelId", "1"), ("PayHero:CallbackToken", " , ")), StringComparison.Ordinal);

    [Theory]
    [InlineData("Orders:ApiKey", null, "Orders:TrustBrowserPrices", "true")]
    [InlineData("Jobs:CronSecret", null, "CRON_SECRET", "cron")]
    public async Task Build_TheOtherOfTwoKeys_Starts(string missing, string? nothing, string other, string value)
    {
        await using var app = Build("Production", (missing, nothing), (other, value));
        Assert.NotNull(app);
    }

    [Fact]
    public async Task Build_DevelopmentWithNothing_Starts()
    {
        await using var app = LongPollApplication.Build(["--environment=Development"]);
        Assert.NotNull(app);
    }

    [Fact]
    public void Build_SeveralProblems_AreToldTogetherOneLineEach()
    {
        var lines = Assert.Throws<BadConfigurationException>(() => LongPollApplication.Build(["--environment=Production"])).Message.Split(Environment.NewLine);

        Assert.Equal(4, lines.Length);
    }

    private static string Refusal(string environment, params (string Key, string? Value)[] changes)
    {
        var message = Assert.Throws<BadConfigurationException>(() => Build(environment, changes)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static Microsoft.AspNetCore.Builder.WebApplication Build(string environment, params (string Key, string? Value)[] changes)
    {
        var settings = new Dictionary<string, string?>(Safe, StringComparer.Ordinal) { ["environment"] = environment };
        foreach (var (key, value) in changes)
        {
            settings[key] = value;
        }

        return LongPollApplication.Build([.. settings.Where(s => s.Value is not null).Select(s => $"--{s.Key}={s.Value}")]);
    }
}
