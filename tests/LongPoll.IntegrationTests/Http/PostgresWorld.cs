using LongPoll.Tests.Http;
using Npgsql;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>PostgreSQL and Redis: what a node is in production.</summary>
public class PostgresWorld : ServerWorld
{
    public string Postgres { get; private set; } = "";

    public override Task<long> CountAsync(string table, string orderId) => ScalarAsync($"select count(*) from {table} where order_id = $1", Guid.Parse(orderId));

    public override Task<long> CountAsync(string table) => ScalarAsync($"select count(*) from {table}");

    public override async Task AgeAsync(string table, string idColumn, string id, TimeSpan by, params string[] columns)
    {
        await using var source = NpgsqlDataSource.Create(Postgres);
        await using var command = source.CreateCommand(
            $"update {table} set {string.Join(", ", columns.Select(c => $"{c} = {c} - $1"))} where {idColumn} = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = by });
        command.Parameters.Add(new NpgsqlParameter { Value = Guid.Parse(id) });
        Assert.NotEqual(0, await command.ExecuteNonQueryAsync());
    }

    public async Task<long> ScalarAsync(string sql, params object[] values)
    {
        await using var source = NpgsqlDataSource.Create(Postgres);
        await using var command = source.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    protected virtual string? Redis => Servers.Redis;

    protected override async Task<IReadOnlyDictionary<string, string?>> PrepareStoreAsync()
    {
        Postgres = await Servers.CreateDatabaseAsync();
        return new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:Postgres"] = Postgres,
            ["ConnectionStrings:Redis"] = Redis,
        };
    }
}

/// <summary>PostgreSQL alone: nodes cannot tell each other anything.</summary>
public sealed class PostgresAloneWorld : PostgresWorld
{
    protected override string? Redis => null;
}
