using Dapper;
using LongPoll.Server.Storage;
using LongPoll.Server.Storage.Sqlite;
using LongPoll.Tests.Contracts;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LongPoll.Tests.Storage;

public sealed class SqliteMigrationTests
{
    [Fact]
    public async Task Starting_SecondTime_KeepsSchemaAndOrders()
    {
        var folder = Directory.CreateTempSubdirectory("longpoll-tests").FullName;
        var connectionString = $"Data Source={Path.Combine(folder, "longpoll.db")}";
        var cancel = TestContext.Current.CancellationToken;
        try
        {
            var draft = Drafts.Order();
            using (var first = new SqliteDatabase(connectionString, NullLogger<SqliteDatabase>.Instance))
            {
                await first.StartingAsync(cancel);
                await new SqliteOrderStore(first).OpenOrderAsync(draft, Drafts.Limit, cancel);
            }

            using var second = new SqliteDatabase(connectionString, NullLogger<SqliteDatabase>.Instance);
            await second.StartingAsync(cancel);

            await using var connection = await second.OpenAsync(cancel);
            Assert.Equal(
                Migration.Load("Sqlite").Select(m => m.Number), await connection.QueryAsync<int>("select number from schema_migrations order by number"));
            Assert.NotNull(await new SqliteOrderStore(second).FindOrderAsync(draft.Order.OrderId, cancel));
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(folder, recursive: true);
        }
    }
}
