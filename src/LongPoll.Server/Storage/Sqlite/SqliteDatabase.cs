using Dapper;
using Microsoft.Data.Sqlite;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>The SQLite file and its schema. One writer at a time, as SQLite wants it; readers are not in its way.</summary>
internal sealed partial class SqliteDatabase(string connectionString, ILogger<SqliteDatabase> logger) : IHostedLifecycleService, IDisposable
{
    /// <summary>How long a write waits for others, in this process or another; then the caller is told to come again.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _writer = new(1);
    private readonly string _connectionString = new SqliteConnectionStringBuilder(connectionString) { DefaultTimeout = (int)Patience.TotalSeconds }.ConnectionString;

    static SqliteDatabase() => SQLitePCL.Batteries_V2.Init();

    /// <summary>A connection to read from.</summary>
    public async Task<SqliteConnection> OpenAsync(CancellationToken cancel)
    {
        var connection = new SqliteConnection(_connectionString);
        await connection.OpenAsync(cancel);

        // FULL: what was answered with 2xx survives a power cut.
        await connection.ExecuteAsync("pragma foreign_keys = on; pragma synchronous = full");
        return connection;
    }

    /// <summary>Runs one transaction: what the work returns is committed, what it throws is not.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> work, CancellationToken cancel)
    {
        if (!await _writer.WaitAsync(Patience, cancel))
        {
            throw new TimeoutException("Other writers kept the database for too long.");
        }

        try
        {
            await using var connection = await OpenAsync(cancel);

            // Takes the write lock at once: a transaction that first reads could not be made a writer later.
            await using var transaction = connection.BeginTransaction(deferred: false);
            var result = work(connection, transaction);
            transaction.Commit();
            return result;
        }
        finally
        {
            _writer.Release();
        }
    }

    /// <summary>Before anything else starts.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await OpenAsync(cancellationToken))
        {
            await connection.ExecuteAsync("pragma journal_mode = wal");
        }

        await WriteAsync(
            (connection, transaction) =>
            {
                connection.Execute("create table if not exists schema_migrations (number integer primary key, name text not null)", transaction: transaction);
                var applied = connection.Query<int>("select number from schema_migrations", transaction: transaction).ToHashSet();
                foreach (var migration in Migration.Load("Sqlite").Where(m => !applied.Contains(m.Number)))
                {
                    connection.Execute(migration.Sql, transaction: transaction);
                    connection.Execute("insert into schema_migrations (number, name) values (@Number, @Name)", migration, transaction);
                    LogApplied(logger, migration.Name);
                }

                return true;
            },
            cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _writer.Dispose();

    [LoggerMessage(910, LogLevel.Information, "Schema step applied: {Name}")]
    private static partial void LogApplied(ILogger logger, string name);
}
