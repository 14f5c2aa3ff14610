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
            new DatabaseReading(new Dictionary<long, StatementCount> { [1] = new("select 1 from orders", calls, calls, calls) }, 0), null, null);
    }

    [Fact]
    public void Split_TakesOffWhatCreatingAndAskingTakeAlone()
    {
        // The door is used by creation (once), by a callback (once), and by every second payment's question (once): 2.5 times.
        var create = CostOf(0, (1, "insert into orders values ($1)", 1), (2, "with x insert into payments", 1));
        var ask = CostOf(1, (2, "with x insert into payments", 1), (3, "update payment_attempts set asking_until = $1", 2));
        var day = CostOf(0.5, (1, "insert into orders values ($1)", 1), (2, "with x insert into payments", 2.5), (3, "update payment_attempts set asking_until = $1", 1), (4, "select 1 from orders", 1));

        var kinds = new StatementSplit(create, ask).Of(day);

        Assert.Equal(2, kinds[StatementKind.WaitAndSettle]);
        Assert.Equal(2, kinds[StatementKind.Create]);
        Assert.Equal(1.5, kinds[StatementSplit.Ask]);
        Assert.Equal(5.5, kinds.Values.Sum());

        static Cost CostOf(double questions, params (long Id, string Sql, double PerPayment)[] statements) => new(
            1000, 1, [], 0, [.. statements.Select(s => new StatementCost(s.Id, StatementKind.Of(s.Sql), s.Sql, (long)(1000 * s.PerPayment), s.PerPayment, 1, 1))], null, null, questions);
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
