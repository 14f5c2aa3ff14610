using LongPoll.Server.Admin;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Hosting;
using LongPoll.Server.Jobs;
using LongPoll.Server.Links;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using LongPoll.Server.Storage.Postgres;
using LongPoll.Server.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace LongPoll.Server.Storage;

/// <summary>Chooses the store, once: PostgreSQL when it is configured, else an SQLite file.</summary>
internal static class StorageRegistration
{
    public static void AddStorage(this IServiceCollection services, IConfiguration configuration, IHostEnvironment environment)
    {
        if (configuration.GetConnectionString("Postgres") is { Length: > 0 } postgres)
        {
            Check("Postgres", () => new NpgsqlConnectionStringBuilder(postgres));
            services.AddSingleton(s => new PostgresDatabase(postgres, s.GetRequiredService<ILogger<PostgresDatabase>>()));
            services.AddHostedService(s => s.GetRequiredService<PostgresDatabase>());
            services.AddSingleton<IOrderStore, PostgresOrderStore>();
            services.AddSingleton<IOutboxStore, PostgresOutboxStore>();
            services.AddSingleton<IReconcileStore, PostgresReconcileStore>();
            services.AddSingleton<IFulfilmentStore, PostgresFulfilmentStore>();
            services.AddSingleton<IErasureStore, PostgresErasureStore>();
            services.AddSingleton<IMoneyInboxStore, PostgresMoneyInboxStore>();
            services.AddSingleton<IPurgeStore, PostgresPurgeStore>();
            services.AddSingleton<IJobStore, PostgresJobStore>();
            services.AddSingleton<ILinkStore, PostgresLinkStore>();
            return;
        }

        var sqlite = configuration.GetConnectionString("Sqlite") is { Length: > 0 } configured
            ? configured
            : $"Data Source={Path.Combine(environment.ContentRootPath, "longpoll.db")}";
        Check("Sqlite", () => new SqliteConnectionStringBuilder(sqlite));
        services.AddSingleton(s => new SqliteDatabase(sqlite, s.GetRequiredService<ILogger<SqliteDatabase>>()));
        services.AddHostedService(s => s.GetRequiredService<SqliteDatabase>());
        services.AddSingleton<IOrderStore, SqliteOrderStore>();
        services.AddSingleton<IOutboxStore, SqliteOutboxStore>();
        services.AddSingleton<IReconcileStore, SqliteReconcileStore>();
        services.AddSingleton<IFulfilmentStore, SqliteFulfilmentStore>();
        services.AddSingleton<IErasureStore, SqliteErasureStore>();
        services.AddSingleton<IMoneyInboxStore, SqliteMoneyInboxStore>();
        services.AddSingleton<IPurgeStore, SqlitePurgeStore>();
        services.AddSingleton<IJobStore, SqliteJobStore>();
        services.AddSingleton<ILinkStore, SqliteLinkStore>();
    }

    private static void Check(string key, Func<object> read)
    {
        try
        {
            read();
        }
        catch (ArgumentException e)
        {
            throw new BadConfigurationException([$"ConnectionStrings:{key} cannot be read: {e.Message}"]);
        }
    }
}
