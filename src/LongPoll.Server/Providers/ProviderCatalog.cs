using LongPoll.Server.Providers.PayHero;
using LongPoll.Server.Providers.PhonePe;
using LongPoll.Server.Providers.Stripe;

namespace LongPoll.Server.Providers;

/// <summary>Every provider there is: a folder beside this file, and its line here.</summary>
internal static class ProviderCatalog
{
    public static readonly IReadOnlyList<IProviderSetup> All =
    [
        new PayHeroSetup(),
        new StripeSetup(),
        new PhonePeSetup(),
    ];

    public static void AddProviders(this IServiceCollection services, IConfiguration configuration, bool sandbox)
    {
        foreach (var setup in All)
        {
            setup.Add(services, configuration, sandbox);
        }

        services.AddSingleton<PaymentProviders>();
        services.AddSingleton<AskProvider>();
        services.AddSingleton<AskRefund>();
    }
}
