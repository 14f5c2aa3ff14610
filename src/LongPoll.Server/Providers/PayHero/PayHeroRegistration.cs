using System.Net.Http.Headers;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Providers.PayHero;

internal static class PayHeroRegistration
{
    public static IServiceCollection AddPayHero(this IServiceCollection services)
    {
        services.AddSingleton<PayHeroClient>();
        services.AddSingleton<PayHeroAddresses>();
        services.AddSingleton(s => new PayHeroSecrets(s.GetRequiredService<IOptions<PayHeroOptions>>().Value.CallbackTokens));
        services.AddSingleton<IPaymentProvider, PayHeroProvider>();

        // The pipelines are made once: a circuit breaker must outlive the handlers that the factory rotates.
        services.AddClient(PayHeroClient.PushClient, PayHeroResilience.Push);
        services.AddClient(PayHeroClient.QueryClient, PayHeroResilience.Query);
        return services;
    }

    private static void AddClient(
        this IServiceCollection services, string name, Func<TimeProvider, Polly.ResiliencePipeline<HttpResponseMessage>> pipeline)
    {
        services.AddKeyedSingleton(name, (s, _) => pipeline(s.GetRequiredService<TimeProvider>()));
        services.AddHttpClient(name)
            .ConfigureHttpClient((s, client) =>
            {
                var options = s.GetRequiredService<IOptions<PayHeroOptions>>().Value;
                client.BaseAddress = s.GetRequiredService<PayHeroAddresses>().Api;
                client.DefaultRequestHeaders.Authorization = AuthenticationHeaderValue.Parse(
                    options.BasicAuthToken!.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? options.BasicAuthToken : "Basic " + options.BasicAuthToken);

                // The pipeline has the limits.
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(5),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                AllowAutoRedirect = false,
            })
            .AddHttpMessageHandler(s => new ResilienceHandler(s.GetRequiredKeyedService<Polly.ResiliencePipeline<HttpResponseMessage>>(name)))
            .RemoveAllLoggers();
    }
}
