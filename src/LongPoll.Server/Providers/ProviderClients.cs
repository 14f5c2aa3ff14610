using Polly;

namespace LongPoll.Server.Providers;

/// <summary>Registers the HTTP clients of providers, all with the same guards.</summary>
internal static class ProviderClients
{
    /// <summary>Adds a client by name. <paramref name="configure"/> sets address and credentials and runs for each new client.</summary>
    public static void AddProviderClient(
        this IServiceCollection services, string name, Func<TimeProvider, ResiliencePipeline<HttpResponseMessage>> pipeline, Action<IServiceProvider, HttpClient> configure)
    {
        // The pipelines are made once: a circuit breaker must outlive the handlers that the factory rotates.
        services.AddKeyedSingleton(name, (s, _) => pipeline(s.GetRequiredService<TimeProvider>()));
        services.AddHttpClient(name)
            .ConfigureHttpClient((s, client) =>
            {
                configure(s, client);

                // The pipeline has the limits.
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(5),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                AllowAutoRedirect = false,
            })
            .AddHttpMessageHandler(s => new ResilienceHandler(s.GetRequiredKeyedService<ResiliencePipeline<HttpResponseMessage>>(name)))
            .RemoveAllLoggers();
    }
}
