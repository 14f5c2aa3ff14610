using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Report;
using LongPoll.LoadTests.Stack;
using Npgsql;
using NpgsqlTypes;

namespace LongPoll.LoadTests.Raw;

/// <summary>
/// The server's own settle statements, executed again one by one through Npgsql on a copy of the database that has not seen
/// them, each followed by a bare PUBLISH: what a callback takes at least, whatever is built around it.
/// </summary>
internal sealed class RawDoor(OwnPostgres postgres, OwnRedis redis, TimeProvider clock)
{
    private const string Copy = "replay";

    // As long as an order view.
    private const int MessageLength = 800;

    // Until plans are made and caches are filled.
    private const int WarmUp = 100;

    /// <summary>Copies the database as it stands, with statistics. Nobody may be connected to it.</summary>
    public async Task CopyAsync(CancellationToken cancel)
    {
        await postgres.ExecuteAsync("analyze", cancel, OwnPostgres.Database);
        await postgres.ExecuteAsync($"create database {Copy} template {OwnPostgres.Database}", cancel);
    }

    /// <summary>From here on the log tells every statement of new connections with its values.</summary>
    public Task LogAsync(CancellationToken cancel) => postgres.ExecuteAsync($"alter database {OwnPostgres.Database} set log_statement = 'all'", cancel);

    /// <summary>Executes what was logged at a steady rate, one after the other.</summary>
    public async Task<RunReport> ReplayAsync(double rate, CancellationToken cancel)
    {
        // The settle statement is told by the table that only it writes.
        List<LoggedStatement> statements = [.. postgres.Logs.SelectMany(log => LoggedStatement.Read(log, "insert into payments"))];
        if (statements.Count <= WarmUp)
            throw new RunImpossibleException($"The log has only {statements.Count} settle statements.");

        // As before every measurement: what follows one is in the floor as it is in what stands on it.
        await postgres.ExecuteAsync("checkpoint", cancel);
        await using NpgsqlConnection connection = new(postgres.ConnectionTo(Copy));
        await connection.OpenAsync(cancel);
        await SetAsServerDoesAsync(connection, cancel);
        using RawPublish publish = new(redis.Address, MessageLength);
        List<(TimeSpan Settle, TimeSpan Publish)> times = [];
        await using NpgsqlCommand command = new(statements[0].Sql, connection);
        foreach (LoggedStatement statement in statements)
        {
            command.CommandText = statement.Sql;
            command.Parameters.Clear();
            foreach (string? value in statement.Values)
                command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Unknown, Value = (object?)value ?? DBNull.Value });
            await command.PrepareAsync(cancel);
            await Task.Delay(TimeSpan.FromSeconds(1 / rate), clock, cancel);
            long began = clock.GetTimestamp();
            await command.ExecuteNonQueryAsync(cancel);
            long settled = clock.GetTimestamp();
            publish.Send();
            times.Add((clock.GetElapsedTime(began, settled), clock.GetElapsedTime(settled)));
        }

        await RefuseHalfDoneAsync(connection, statements.Count, cancel);
        return Report(times[WarmUp..], await RawCommits.MeasureAsync(postgres, clock, cancel));
    }

    // Left to PostgreSQL's defaults, every execution would be planned anew, and the floor would lie too high.
    private async Task SetAsServerDoesAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        string[] settings = [.. postgres.Logs.SelectMany(log => LoggedStatement.Read(log, ": set ")).Select(statement => statement.Sql).Distinct()];
        if (settings.Length == 0)
            throw new RunImpossibleException("The log does not tell how the server sets its sessions.");
        foreach (string setting in settings)
        {
            await using NpgsqlCommand command = new(setting, connection);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    private static RunReport Report(List<(TimeSpan Settle, TimeSpan Publish)> times, double commits)
    {
        Spread settle = Spread.Of(times.Select(time => time.Settle));
        Spread publish = Spread.Of(times.Select(time => time.Publish));
        Spread both = Spread.Of(times.Select(time => time.Settle + time.Publish));
        return new RunReport
        {
            Scenario = "raw",
            Subject = "raw",
            Passed = true,
            Commit = MachineFacts.Commit(),
            Machine = MachineFacts.Read(),
            Figures = new Dictionary<string, Figure>
            {
                ["settle p50"] = new Figure(settle.P50, "ms"),
                ["publish p50"] = new Figure(publish.P50, "ms"),
                ["p50"] = new Figure(both.P50, "ms"),
                ["p99"] = new Figure(both.P99, "ms"),
                ["commits of twenty clients"] = new Figure(commits, "per second", MoreIsBetter: true),
            },
            Times = new Dictionary<string, Spread> { ["settle statement"] = settle, ["publish"] = publish, ["both"] = both },
        };
    }

    // A statement that found nothing to do would be a floor that nobody can stand on.
    private static async Task RefuseHalfDoneAsync(NpgsqlConnection connection, int expected, CancellationToken cancel)
    {
        await using NpgsqlCommand count = new("select count(*) from payments", connection);
        long paid = (long)(await count.ExecuteScalarAsync(cancel))!;
        if (paid < expected)
            throw new RunImpossibleException($"{expected} settle statements were executed again, and {paid} payments were written.");
    }
}
