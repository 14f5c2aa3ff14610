using System.Net.Http.Headers;
using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Providers.Stripe;

/// <summary>Stripe joins the house.</summary>
internal sealed class StripeSetup : IProviderSetup
{
    /// <summary>What the sandbox signs with.</summary>
    public const string SandboxSecret = "whsec_sandbox";

    /// <summary>Which form Stripe's answers have; without it, that which somebody last chose in the dashboard.</summary>
    private const string ApiVersion = "2024-06-20";

    public void Add(IServiceCollection services, IConfiguration configuration, bool sandbox)
    {
        services.Configure<StripeOptions>(configuration.GetSection(StripeOptions.Section));
        if (sandbox)
        {
            services.PostConfigure<StripeOptions>(options =>
            {
                options.SecretKey = DevelopmentDefaults.Or(options.SecretKey, "sk_test_sandbox");
                options.WebhookSecret = DevelopmentDefaults.Or(options.WebhookSecret, SandboxSecret);
            });
        }

        services.AddSingleton<StripeClient>();
        services.AddSingleton<IPaymentProvider, StripeProvider>();

        // Making a session carries an idempotency key, so that every call may be sent again.
        services.AddProviderClient(StripeClient.ClientName, ProviderResilience.Repeatable, static (s, client) =>
        {
            var options = s.GetRequiredService<IOptions<StripeOptions>>().Value;
            var fallback = s.GetRequiredService<IOptions<SandboxSettings>>().Value.Enabled
                ? s.GetRequiredService<SelfAddress>().Local + "/sandbox/stripe"
                : "https://api.stripe.com";
            client.BaseAddress = new Uri(DevelopmentDefaults.Or(options.BaseUrl, fallback).TrimEnd('/') + "/");
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.SecretKey);
            client.DefaultRequestHeaders.Add("Stripe-Version", ApiVersion);
        });
    }

    public void CheckValues(IConfiguration configuration, ConfigurationProblems problems)
    {
        problems.Address(configuration, "Stripe:BaseUrl");
        problems.OneLine(configuration, "Stripe:SecretKey");
        if (configuration["Stripe:SecretKey"]?.StartsWith("pk_", StringComparison.Ordinal) == true)
        {
            problems.Add("Stripe:SecretKey is a publishable key; it must be a secret or restricted one.");
        }
    }

    public void CheckSafety(IConfiguration configuration, ConfigurationProblems problems)
    {
        var options = configuration.GetSection(StripeOptions.Section).Get<StripeOptions>() ?? new StripeOptions();
        if (!string.IsNullOrEmpty(options.SecretKey) && options.WebhookSecrets.Count == 0)
        {
            problems.Add("Stripe:WebhookSecret is required outside Development: without it nobody can tell Stripe's events from forgeries.");
        }
    }
}
