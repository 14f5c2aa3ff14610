using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Fulfilment;

internal static class FulfilmentRegistration
{
    public static IServiceCollection AddFulfilment(this IServiceCollection services, IConfiguration configuration)
    {
        services.Configure<TicketApiOptions>(configuration.GetSection("TicketApi"));
        var enabled = configuration.GetValue("Fulfilment:Enabled", defaultValue: true);
        services.AddSingleton(new FulfilmentRule(enabled));
        if (enabled)
        {
            // Else what was promised is left to a node that fulfils.
            services.AddSingleton<IOutboxHandler, FulfilOrders>();
        }

        services.AddSingleton<TicketCodes>();
        services.AddSingleton<TicketService>();

        // Made once: a circuit breaker must outlive the handlers that the factory rotates.
        services.AddKeyedSingleton(TicketService.Client, static (s, _) => TicketService.Resilience(
            s.GetRequiredService<TimeProvider>(), s.GetRequiredService<IOptions<TicketApiOptions>>().Value.TimeLimit));
        services.AddHttpClient(TicketService.Client)
            .ConfigureHttpClient(static client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler
            {
                ConnectTimeout = TimeSpan.FromSeconds(3),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                AllowAutoRedirect = false,
            })
            .AddHttpMessageHandler(static s => new ResilienceHandler(s.GetRequiredKeyedService<Polly.ResiliencePipeline<HttpResponseMessage>>(TicketService.Client)))
            .RemoveAllLoggers();
        return services;
    }
}
