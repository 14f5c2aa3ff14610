using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Providers.PhonePe;

/// <summary>PhonePe joins the house.</summary>
internal sealed class PhonePeSetup : IProviderSetup
{
    /// <summary>What the sandbox knows.</summary>
    public const string SandboxSalt = "sandbox-salt-key";

    public void Add(IServiceCollection services, IConfiguration configuration, bool sandbox)
    {
        services.Configure<PhonePeOptions>(configuration.GetSection(PhonePeOptions.Section));
        if (sandbox)
        {
            services.PostConfigure<PhonePeOptions>(options =>
            {
                options.MerchantId = DevelopmentDefaults.Or(options.MerchantId, "SANDBOX");
                options.SaltKey = DevelopmentDefaults.Or(options.SaltKey, SandboxSalt);
                options.WebhookUser = DevelopmentDefaults.Or(options.WebhookUser, "sandbox");
                options.WebhookPassword = DevelopmentDefaults.Or(options.WebhookPassword, "sandbox-password");
            });
        }

        services.AddSingleton<PhonePeSecrets>();
        services.AddSingleton<PhonePeClient>();
        services.AddSingleton<IPaymentProvider, PhonePeProvider>();
        services.AddProviderClient(PhonePeClient.PayClient, ProviderResilience.Once, Configure);
        services.AddProviderClient(PhonePeClient.StatusClient, ProviderResilience.Repeatable, Configure);
    }

    public void CheckValues(IConfiguration configuration, ConfigurationProblems problems)
    {
        problems.Address(configuration, "PhonePe:BaseUrl");
        problems.OneLine(configuration, "PhonePe:MerchantId");
        var options = configuration.GetSection(PhonePeOptions.Section).Get<PhonePeOptions>() ?? new PhonePeOptions();
        if (!string.IsNullOrEmpty(options.SaltKey) && options.Salts.Count == 0)
        {
            problems.Add("PhonePe:SaltIndex must have one index for each key of PhonePe:SaltKey.");
        }
    }

    public void CheckSafety(IConfiguration configuration, ConfigurationProblems problems)
    {
        var options = configuration.GetSection(PhonePeOptions.Section).Get<PhonePeOptions>() ?? new PhonePeOptions();
        if (!string.IsNullOrEmpty(options.MerchantId) && options.Salts.Count == 0)
        {
            problems.Add("PhonePe:SaltKey is required outside Development with PhonePe:MerchantId: it signs requests and tells callbacks from forgeries.");
        }

        if (string.IsNullOrEmpty(options.WebhookUser) != string.IsNullOrEmpty(options.WebhookPassword))
        {
            problems.Add("PhonePe:WebhookUser and PhonePe:WebhookPassword are required outside Development both or not at all.");
        }
    }

    private static void Configure(IServiceProvider services, HttpClient client)
    {
        var configured = services.GetRequiredService<IOptions<PhonePeOptions>>().Value.BaseUrl;
        var fallback = services.GetRequiredService<IOptions<SandboxSettings>>().Value.Enabled
            ? services.GetRequiredService<SelfAddress>().Local + "/sandbox/phonepe"
            : "https://api.phonepe.com/apis/hermes";
        client.BaseAddress = new Uri(DevelopmentDefaults.Or(configured, fallback).TrimEnd('/') + "/");
    }
}
