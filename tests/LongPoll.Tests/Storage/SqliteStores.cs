using System.Data.Common;
using LongPoll.Server.Jobs;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using LongPoll.Server.Storage.Sqlite;
using LongPoll.Tests.Contracts;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace LongPoll.Tests.Storage;

/// <summary>An SQLite file of its own for one class of tests.</summary>
public sealed class SqliteStores : StoreFixture
{
    private readonly string _folder = Directory.CreateTempSubdirectory("longpoll-tests").FullName;
    private readonly SqliteDatabase _database;

    public SqliteStores()
    {
        _database = new SqliteDatabase(ConnectionString, NullLogger<SqliteDatabase>.Instance);
        Orders = new SqliteOrderStore(_database);
        Outbox = new SqliteOutboxStore(_database);
        Jobs = new SqliteJobStore(_database);
    }

    internal override IOrderStore Orders { get; }

    internal override IOutboxStore Outbox { get; }

    internal override IJobStore Jobs { get; }

    private string ConnectionString => $"Data Source={Path.Combine(_folder, "longpoll.db")}";

    public override async ValueTask InitializeAsync() => await _database.StartingAsync(CancellationToken.None);

    // A file has one server in practice; between two, SQLite itself sleeps for 150 ms whenever both write.
    internal override void AddNode(IServiceCollection services) => services
        .AddSingleton(_database)
        .AddSingleton<IOrderStore, SqliteOrderStore>()
        .AddSingleton<IOutboxStore, SqliteOutboxStore>()
        .AddSingleton<IReconcileStore, SqliteReconcileStore>();

    public override async Task<DbConnection> OpenAsync() => await _database.OpenAsync(CancellationToken.None);

    protected override ValueTask CloseAsync()
    {
        _database.Dispose();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
