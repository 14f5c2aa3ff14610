using System.Text.RegularExpressions;
using Npgsql;

namespace LongPoll.LoadTests.Measure;

/// <summary>
/// PostgreSQL's own books: how often each statement was executed (pg_stat_statements), how much log was written, how many
/// connections there are. A statement that settles many payments at once counts once, because it costs one round trip.
/// </summary>
internal sealed partial class DatabaseProbe : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;
    private readonly string _database;

    private DatabaseProbe(NpgsqlDataSource source, string database)
    {
        _source = source;
        _database = database;
    }

    /// <param name="connectionString">Of a user who may read statistics, better not to the database that is measured.</param>
    /// <param name="database">The database that is measured.</param>
    /// <param name="cancel">Ends the attempt.</param>
    /// <returns>Null when the database has no pg_stat_statements.</returns>
    public static async Task<DatabaseProbe?> OpenAsync(string connectionString, string database, CancellationToken cancel)
    {
        NpgsqlConnectionStringBuilder settings = new(connectionString) { ApplicationName = "longpoll load test", MaxPoolSize = 2, NoResetOnClose = true };
        NpgsqlDataSource source = NpgsqlDataSource.Create(settings);
        try
        {
            await using NpgsqlCommand create = source.CreateCommand("create extension if not exists pg_stat_statements");
            await create.ExecuteNonQueryAsync(cancel);
            DatabaseProbe probe = new(source, database);
            _ = await probe.ReadAsync(cancel);
            return probe;
        }
        catch (PostgresException)
        {
            await source.DisposeAsync();
            return null;
        }
    }

    public async Task<DatabaseReading> ReadAsync(CancellationToken cancel)
    {
        Dictionary<long, StatementCount> statements = [];
        await using (NpgsqlCommand command = _source.CreateCommand(
            """
            select queryid, min(query), sum(calls)::bigint, sum(rows)::bigint, sum(total_exec_time)
            from pg_stat_statements s join pg_database d on d.oid = s.dbid
            where d.datname = $1 and queryid is not null and query not like '%pg\\_%'
            group by queryid
            """))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = _database });
            await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancel);
            while (await rows.ReadAsync(cancel))
            {
                statements[rows.GetInt64(0)] = new StatementCount(
                    Blanks().Replace(rows.GetString(1), " ").Trim(), rows.GetInt64(2), rows.GetInt64(3), rows.GetDouble(4));
            }
        }

        await using NpgsqlCommand wal = _source.CreateCommand("select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint");
        return new DatabaseReading(statements, (long)(await wal.ExecuteScalarAsync(cancel))!);
    }

    /// <summary>Connections of others to the database: all, and those that are at work. PostgreSQL's own workers, such as autovacuum's, are none.</summary>
    public async Task<(int All, int Active)> ConnectionsAsync(CancellationToken cancel)
    {
        await using NpgsqlCommand command = _source.CreateCommand(
            """
            select count(*)::int, (count(*) filter (where state <> 'idle'))::int from pg_stat_activity
            where datname = $1 and backend_type = 'client backend' and application_name <> 'longpoll load test'
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = _database });
        await using NpgsqlDataReader rows = await command.ExecuteReaderAsync(cancel);
        await rows.ReadAsync(cancel);
        return (rows.GetInt32(0), rows.GetInt32(1));
    }

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [GeneratedRegex(@"\s+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blanks();
}

/// <summary>Everything since the server of the database began to count.</summary>
internal sealed record DatabaseReading(IReadOnlyDictionary<long, StatementCount> Statements, long WalBytes)
{
    public static readonly DatabaseReading None = new(new Dictionary<long, StatementCount>(), 0);
}

/// <summary>One statement, its constants replaced, and how often it was executed.</summary>
internal sealed record StatementCount(string Text, long Calls, long Rows, double Milliseconds);
