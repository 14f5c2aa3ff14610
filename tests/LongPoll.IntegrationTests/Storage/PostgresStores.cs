using System.Data.Common;
using LongPoll.Server.Jobs;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using LongPoll.Server.Storage.Postgres;
using LongPoll.Tests.Contracts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LongPoll.IntegrationTests.Storage;

/// <summary>A PostgreSQL database of its own for one class of tests.</summary>
public sealed class PostgresStores : StoreFixture
{
    private PostgresDatabase? _database;
    private string _connectionString = "";

    internal override IOrderStore Orders => new PostgresOrderStore(Database);

    internal override IOutboxStore Outbox => new PostgresOutboxStore(Database);

    internal override IJobStore Jobs => new PostgresJobStore(Database);

    private PostgresDatabase Database => _database ?? throw new InvalidOperationException("Not started.");

    public override async ValueTask InitializeAsync()
    {
        _connectionString = await Servers.CreateDatabaseAsync();
        _database = new PostgresDatabase(_connectionString, NullLogger<PostgresDatabase>.Instance);
        await _database.StartingAsync(CancellationToken.None);
    }

    internal override void AddNode(IServiceCollection services) => services
        .AddSingleton(_ => new PostgresDatabase(_connectionString, NullLogger<PostgresDatabase>.Instance))
        .AddSingleton<IOrderStore, PostgresOrderStore>()
        .AddSingleton<IOutboxStore, PostgresOutboxStore>()
        .AddSingleton<IReconcileStore, PostgresReconcileStore>();

    public override async Task<DbConnection> OpenAsync() => await Database.Source.OpenConnectionAsync();

    protected override ValueTask CloseAsync() => _database?.DisposeAsync() ?? ValueTask.CompletedTask;
}
