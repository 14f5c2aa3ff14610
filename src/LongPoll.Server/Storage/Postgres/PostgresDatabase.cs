using Dapper;
using LongPoll.Server.Payments;
using Npgsql;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>The pools of connections, and the schema behind them.</summary>
internal sealed partial class PostgresDatabase : IHostedLifecycleService, IAsyncDisposable
{
    // Any number that no other program uses for its own advisory lock.
    private const long MigrationLock = 0x4C6F6E67506F6C6C;

    // Every statement looks rows up by key, and a prepared one keeps its plan. Left to itself PostgreSQL made a new one for each
    // settlement, guessing from the length of the arrays that it would be cheaper: 1.5 ms for a statement that takes 0.1. A plan made
    // while a table was small would read it from end to end: so hashing and merging are ruled out, and compiling plans, which costs
    // milliseconds. Nobody waits long for a row that somebody else holds: in a batch others wait along.
    private const string Session = """
        set plan_cache_mode = force_generic_plan; set enable_hashjoin = off; set enable_mergejoin = off; set enable_seqscan = off;
        set jit = off; set lock_timeout = '2s'
        """;

    /// <summary>
    /// A condition that is always true and makes the commit of its statement not wait for the disk. For book-keeping that does
    /// no harm where a crash of the database undoes it, such as "announced" or "ask again at": such commits are many,
    /// and while the disk writes for them a payment waits. A crash of ours loses nothing.
    /// </summary>
    public const string Unhurried = "(select set_config('synchronous_commit', 'off', true)) is not null";

    private readonly ILogger<PostgresDatabase> _logger;

    public PostgresDatabase(string connectionString, ILogger<PostgresDatabase> logger)
    {
        _logger = logger;
        var builder = new NpgsqlConnectionStringBuilder(connectionString);

        // Seconds. A request that cannot have a connection or an answer by then is better told to come again.
        builder.Timeout = Math.Min(builder.Timeout, 5);
        builder.CommandTimeout = Math.Min(builder.CommandTimeout, 10);
        builder.ApplicationName ??= "longpoll";

        // PostgreSQL comes with 100 places for all its clients, Npgsql with a pool of 100: one node would take them all.
        // Nothing holds a connection while it waits, so few are enough; and few stay warm, since a pool hands them out in turn.
        if (!builder.ShouldSerialize("Maximum Pool Size"))
        {
            builder.MaxPoolSize = 8;
        }

        // Planning the settle statement costs more than running it. Measured on two cores at 200 callbacks a second:
        // median callback to answer 42 ms without, 6 ms with. There are about thirty statements in all.
        if (builder.MaxAutoPrepare == 0)
        {
            builder.MaxAutoPrepare = 64;
            builder.AutoPrepareMinUsages = 2;
        }

        // Nothing here leaves a session other than it found it, and a reset at each return would undo what is set below.
        builder.NoResetOnClose = true;
        Source = Build(builder, Math.Max(1, builder.MaxPoolSize - GroupCommit.AtOnce));
        Door = Build(builder, GroupCommit.AtOnce);
    }

    /// <summary>For everything but settling.</summary>
    public NpgsqlDataSource Source { get; }

    /// <summary>
    /// For settling alone, one connection for each commit under way: a callback never queues behind the pages that come back
    /// all at once, and so few connections keep their plans and caches warm.
    /// </summary>
    public NpgsqlDataSource Door { get; }

    /// <summary>Before anything else starts: one node after the other, and each step once.</summary>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition("set local lock_timeout = 0", transaction: transaction, cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            "select pg_advisory_xact_lock(@MigrationLock)", new { MigrationLock }, transaction, commandTimeout: 120, cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            "create table if not exists schema_migrations (number int primary key, name text not null, applied_at timestamptz not null default now())",
            transaction: transaction, cancellationToken: cancellationToken));
        var applied = (await connection.QueryAsync<int>(new CommandDefinition(
            "select number from schema_migrations", transaction: transaction, cancellationToken: cancellationToken))).ToHashSet();
        foreach (var migration in Migration.Load("Postgres").Where(m => !applied.Contains(m.Number)))
        {
            await connection.ExecuteAsync(new CommandDefinition(migration.Sql, transaction: transaction, commandTimeout: 0, cancellationToken: cancellationToken));
            await connection.ExecuteAsync(new CommandDefinition(
                "insert into schema_migrations (number, name) values (@Number, @Name)", migration, transaction, cancellationToken: cancellationToken));
            LogApplied(_logger, migration.Name);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await Door.DisposeAsync();
        await Source.DisposeAsync();
    }

    private static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder wanted, int size)
    {
        var builder = new NpgsqlConnectionStringBuilder(wanted.ConnectionString) { MaxPoolSize = size, MinPoolSize = Math.Min(wanted.MinPoolSize, size) };
        return new NpgsqlDataSourceBuilder(builder.ConnectionString)
            .UsePhysicalConnectionInitializer(static c => new NpgsqlCommand(Session, c).ExecuteNonQuery(), static c => new NpgsqlCommand(Session, c).ExecuteNonQueryAsync())
            .Build();
    }

    [LoggerMessage(900, LogLevel.Information, "Schema step applied: {Name}")]
    private static partial void LogApplied(ILogger logger, string name);
}
