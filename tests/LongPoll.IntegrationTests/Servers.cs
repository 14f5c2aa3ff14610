using System.Globalization;
using Npgsql;

namespace LongPoll.IntegrationTests;

/// <summary>The real PostgreSQL and Redis that <c>tests/run.sh</c> starts. Without them these tests fail: they are never skipped.</summary>
internal static class Servers
{
    public static string Postgres => Required("LONGPOLL_TEST_POSTGRES");

    public static string Redis => Required("LONGPOLL_TEST_REDIS");

    /// <summary>A database of its own for one suite, so that suites do not see each other's rows.</summary>
    public static async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"longpoll_{Guid.NewGuid():N}");
        await using var source = NpgsqlDataSource.Create(Postgres);
        await using var command = source.CreateCommand($"create database {name}");
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(Postgres) { Database = name, MaxPoolSize = 20 }.ConnectionString;
    }

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException($"{variable} is not set. tests/run.sh starts PostgreSQL and Redis and sets it.");
}
