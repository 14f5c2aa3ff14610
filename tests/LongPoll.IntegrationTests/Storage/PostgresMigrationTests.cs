using Dapper;
using LongPoll.Server.Storage;
using LongPoll.Server.Storage.Postgres;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LongPoll.IntegrationTests.Storage;

public sealed class PostgresMigrationTests
{
    [Fact]
    public async Task Starting_FourNodesAtOnceOnAnEmptyDatabase_ApplyTheSchemaOnce()
    {
        var connectionString = await Servers.CreateDatabaseAsync();
        var nodes = Enumerable.Range(0, 4).Select(_ => new PostgresDatabase(connectionString, NullLogger<PostgresDatabase>.Instance)).ToArray();
        try
        {
            await Task.WhenAll(nodes.Select(n => Task.Run(() => n.StartingAsync(TestContext.Current.CancellationToken))));

            await using var connection = await nodes[0].Source.OpenConnectionAsync(TestContext.Current.CancellationToken);
            Assert.Equal(
                Migration.Load("Postgres").Select(m => (m.Number, m.Name)),
                await connection.QueryAsync<(int, string)>("select number, name from schema_migrations order by number"));
            await new PostgresOrderStore(nodes[3]).PingAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }
}
