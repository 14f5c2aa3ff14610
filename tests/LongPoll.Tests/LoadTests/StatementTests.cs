using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Raw;
using Xunit;

namespace LongPoll.Tests.LoadTests;

/// <summary>How the load tests count statements, and read them back from PostgreSQL's log.</summary>
public sealed class StatementTests
{
    [Theory]
    [InlineData("with line as materialized (select 1) insert into payments select 1", StatementKind.WaitAndSettle)]
    [InlineData("select o.order_id from orders o where o.order_id = $1", StatementKind.WaitAndSettle)]
    [InlineData("insert into orders (order_id) values ($1)", StatementKind.Create)]
    [InlineData("update outbox set leased_until = $1 where message_id in (select 1)", StatementKind.Fulfil)]
    [InlineData("update payment_attempts set asking_until = $1 where attempt_id = $2", StatementKind.Jobs)]
    [InlineData("RESET ALL", StatementKind.Session)]
    [InlineData("SELECT pg_advisory_unlock_all()", StatementKind.Session)]
    public void Statement_IsToldByItsTables(string sql, string kind) => Assert.Equal(kind, StatementKind.Of(sql));

    [Fact]
    public void Cost_IsWhatWasAddedBetweenTwoReadings_ForEachPayment()
    {
        var before = ReadingAt(seconds: 10, calls: 5);
        var after = ReadingAt(seconds: 14, calls: 25);

        var cost = Cost.Between(before, after, payments: 40, TimeProvider.System);

        Assert.Equal(0.5, cost.StatementsPerPayment(StatementKind.WaitAndSettle));
        Assert.Equal(100, cost.CpuPerThousand("server"));
        Assert.Null(cost.CpuPerThousand("redis"));

        static Reading ReadingAt(int seconds, long calls) => new(
            0, new Dictionary<string, TimeSpan>(StringComparer.Ordinal) { ["server"] = TimeSpan.FromSeconds(seconds) }, TimeSpan.Zero,
            new DatabaseReading(new Dictionary<long, StatementCount> { [1] = new("select 1 from orders", calls, calls, calls) }, 0), null);
    }

    [Fact]
    public void LoggedValues_AreReadWithQuotesAndNulls()
    {
        var log = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(log,
            [
                """{"message":"statement: insert into payments values (1)"}""",
                """{"message":"execute _auto1: select 1"}""",
                """{"message":"execute _auto2: insert into payments values ($1, $2, $3)","detail":"parameters: $1 = '{\"a\":\"it''s $2\"}', $2 = NULL, $3 = ''"}""",
            ]);

            var statement = Assert.Single(LoggedStatement.Read(log, "insert into payments"));

            Assert.Equal("insert into payments values ($1, $2, $3)", statement.Sql.Trim());
            Assert.Equal(["""{"a":"it's $2"}""", null, ""], statement.Values);
        }
        finally
        {
            File.Delete(log);
        }
    }
}
