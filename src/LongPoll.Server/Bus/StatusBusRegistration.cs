using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Bus;

/// <summary>Chooses the bus, once: Redis when it is configured, else the process itself.</summary>
internal static class StatusBusRegistration
{
    public static void AddStatusBus(this IServiceCollection services, IConfiguration configuration)
    {
        if (configuration.GetConnectionString("Redis") is { Length: > 0 } redis)
        {
            if (RedisLink.Check(redis) is { } problem)
            {
                throw new BadConfigurationException([$"ConnectionStrings:Redis cannot be read: {problem}"]);
            }

            services.AddSingleton(s => new RedisStatusBus(
                redis, s.GetRequiredService<IOptions<LongPollOptions>>().Value.CacheTtl, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<RedisStatusBus>>()));
            services.AddSingleton<IStatusBus>(s => s.GetRequiredService<RedisStatusBus>());
            services.AddHostedService(s => s.GetRequiredService<RedisStatusBus>());
            return;
        }

        // With PostgreSQL there may be other nodes, whose announcements cannot be heard here.
        var alone = string.IsNullOrEmpty(configuration.GetConnectionString("Postgres"));
        services.AddSingleton<IStatusBus>(s => new InProcessStatusBus(
            alone, s.GetRequiredService<IOptions<LongPollOptions>>().Value.CacheTtl, s.GetRequiredService<TimeProvider>()));
    }
}
