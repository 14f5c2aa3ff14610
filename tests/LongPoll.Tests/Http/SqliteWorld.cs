using Microsoft.Data.Sqlite;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>SQLite and the bus inside the process: what a node is without any configuration.</summary>
public sealed class SqliteWorld : ServerWorld
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"longpoll-test-{Guid.NewGuid():N}.db");

    public override Task<long> CountAsync(string table, string orderId) => ScalarAsync($"select count(*) from {table} where order_id = $id", orderId);

    public override Task<long> CountAsync(string table) => ScalarAsync($"select count(*) from {table}", orderId: null);

    public override async Task AgeAsync(string table, string idColumn, string id, TimeSpan by, params string[] columns)
    {
        await using var connection = new SqliteConnection($"Data Source={_file}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = $"update {table} set {string.Join(", ", columns.Select(c => $"{c} = {c} - $by"))} where {idColumn} = $id";
        command.Parameters.AddWithValue("$by", (long)by.TotalMilliseconds);
        command.Parameters.AddWithValue("$id", id);
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync());
    }

    /// <summary>Holds SQLite's one write lock, as a backup or another program does, until what is returned is disposed.</summary>
    public async Task<IAsyncDisposable> LockAsync()
    {
        var connection = new SqliteConnection($"Data Source={_file};Pooling=False");
        await connection.OpenAsync();
        await using var begin = connection.CreateCommand();
        begin.CommandText = "begin immediate";
        await begin.ExecuteNonQueryAsync();
        return connection;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        foreach (var file in (string[])[_file, _file + "-wal", _file + "-shm"])
        {
            File.Delete(file);
        }
    }

    protected override Task<IReadOnlyDictionary<string, string?>> PrepareStoreAsync() =>
        Task.FromResult<IReadOnlyDictionary<string, string?>>(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:Sqlite"] = $"Data Source={_file}",
        });

    private async Task<long> ScalarAsync(string sql, string? orderId)
    {
        await using var connection = new SqliteConnection($"Data Source={_file}");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        if (orderId is not null)
        {
            command.Parameters.AddWithValue("$id", orderId);
        }

        return (long)(await command.ExecuteScalarAsync())!;
    }
}
