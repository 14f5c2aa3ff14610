using System.Net.Http.Headers;
using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Providers.PayHero;

/// <summary>PayHero joins the house.</summary>
internal sealed class PayHeroSetup : IProviderSetup
{
    public void Add(IServiceCollection services, IConfiguration configuration, bool sandbox)
    {
        services.Configure<PayHeroOptions>(configuration.GetSection(PayHeroOptions.Section));
        if (sandbox)
        {
            services.PostConfigure<PayHeroOptions>(options =>
            {
                options.BasicAuthToken = DevelopmentDefaults.Or(options.BasicAuthToken, "c2FuZGJveDpzYW5kYm94");
                options.ChannelId ??= 3767;
                options.CallbackToken = DevelopmentDefaults.Or(options.CallbackToken, "sandbox-callback-token");
            });
        }

        services.AddPayHero();
    }

    public void CheckValues(IConfiguration configuration, ConfigurationProblems problems)
    {
        var options = problems.Bind<PayHeroOptions>(configuration, PayHeroOptions.Section);
        problems.Between(options.PromptHorizon, TimeSpan.FromSeconds(180), TimeSpan.FromHours(24), "PayHero:PromptHorizon");
        problems.Address(configuration, "PayHero:BaseUrl");
        problems.Address(configuration, "PayHero:CallbackUrl");
        problems.OneLine(configuration, "PayHero:BasicAuthToken");
        if (options.CallbackUrl?.Contains('?', StringComparison.Ordinal) == true)
        {
            problems.Add("PayHero:CallbackUrl must have no query: each push adds a token of its own to the path.");
        }

        if (!string.IsNullOrEmpty(options.BasicAuthToken) && options.ChannelId is null)
        {
            problems.Add("PayHero:ChannelId is required with PayHero:BasicAuthToken: the channel that collects.");
        }
    }

    public void CheckSafety(IConfiguration configuration, ConfigurationProblems problems)
    {
        if (configuration.GetSection(PayHeroOptions.Section).Get<PayHeroOptions>() is { CallbackTokens.Count: 0 } options && !string.IsNullOrEmpty(options.BasicAuthToken))
        {
            problems.Add("PayHero:CallbackToken is required outside Development: PayHero does not sign its callbacks.");
        }
    }
}

internal static class PayHeroRegistration
{
    public static IServiceCollection AddPayHero(this IServiceCollection services)
    {
        services.AddSingleton<PayHeroClient>();
        services.AddSingleton<PayHeroAddresses>();
        services.AddSingleton(s => new PayHeroSecrets(s.GetRequiredService<IOptions<PayHeroOptions>>().Value.CallbackTokens));
        services.AddSingleton<IPaymentProvider, PayHeroProvider>();
        services.AddProviderClient(PayHeroClient.PushClient, ProviderResilience.Once, Configure);
        services.AddProviderClient(PayHeroClient.QueryClient, ProviderResilience.Repeatable, Configure);
        return services;
    }

    private static void Configure(IServiceProvider services, HttpClient client)
    {
        var token = services.GetRequiredService<IOptions<PayHeroOptions>>().Value.BasicAuthToken!;
        client.BaseAddress = services.GetRequiredService<PayHeroAddresses>().Api;
        client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(
            token.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? token : "Basic " + token);
    }
}
