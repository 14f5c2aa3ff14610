using System.Globalization;
using LongPoll.Tests.Http;
using LongPoll.Tests.Tickets;
using Npgsql;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>
/// A prepared statement keeps the plan that was made while its tables were nearly empty, and then any way through them looks alike.
/// The one that issued tickets read every customer there was, for each payment, until PostgreSQL had counted them.
/// </summary>
public sealed class GrownTablesTests(PostgresWorld world) : IClassFixture<PostgresWorld>
{
    private const string CronSecret = "grown-tables-cron-secret-grown-tables";
    private const int Rows = 4000;
    private const int Days = 4;

    private const string NeverCount = """
        do $$ declare t regclass; begin
            for t in select oid from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
                execute format('alter table %s set (autovacuum_enabled = off)', t);
            end loop;
        end $$
        """;

    // The rows of one order, so many times, each time under other names. Without foreign keys, which would read a row for each of them.
    private const string Grow = """
        create function grown(kind text, n int) returns uuid language sql immutable return md5(kind || n)::uuid;
        insert into customers select (jsonb_populate_record(t, jsonb_build_object('customer_id', grown('c', n), 'email', n || '@grown.example',
                'welcome_order_id', case when n % 2 = 0 then grown('o', n) end))).*
            from customers t, generate_series(1, $2) n where customer_id = (select customer_id from orders where order_id = $1);
        insert into orders select (jsonb_populate_record(t, jsonb_build_object('order_id', grown('o', n), 'order_number', 'G' || n,
                'current_attempt_id', grown('a', n), 'customer_id', grown('c', n)))).*
            from orders t, generate_series(1, $2) n where order_id = $1;
        insert into payment_attempts select (jsonb_populate_record(t, jsonb_build_object('attempt_id', grown('a', n), 'order_id', grown('o', n),
                'reference', 'R' || n, 'provider_reference', 'P' || n, 'checkout_digest', 'D' || n, 'transaction_id', 'T' || n,
                'ask_at', now() + interval '1 day'))).*
            from payment_attempts t, generate_series(1, $2) n where order_id = $1;
        insert into payments select (jsonb_populate_record(t, jsonb_build_object('payment_id', gen_random_uuid(), 'order_id', grown('o', n),
                'attempt_id', grown('a', n), 'transaction_id', 'T' || n))).*
            from payments t, generate_series(1, $2) n where order_id = $1;
        insert into bookings select (jsonb_populate_record(t, jsonb_build_object('booking_id', gen_random_uuid(), 'order_id', grown('o', n),
                'transaction_id', 'T' || n))).*
            from bookings t, generate_series(1, $2) n where order_id = $1;
        insert into order_events select (jsonb_populate_record(t, jsonb_build_object('event_id', gen_random_uuid(), 'order_id', grown('o', n), 'announced', true))).*
            from order_events t, generate_series(1, $2) n where order_id = $1;
        insert into callbacks select (jsonb_populate_record(t, jsonb_build_object('callback_id', gen_random_uuid(), 'order_id', grown('o', n),
                'attempt_id', grown('a', n), 'reference', 'R' || n))).*
            from callbacks t, generate_series(1, $2) n where order_id = $1;
        insert into outbox select (jsonb_populate_record(t, jsonb_build_object('message_id', gen_random_uuid(), 'key', t.key || n,
                'order_id', grown('o', n), 'done_at', now()))).*
            from outbox t, generate_series(1, $2) n where order_id = $1;
        insert into tickets select (jsonb_populate_record(t, jsonb_build_object('order_id', grown('o', n)))).*
            from tickets t, generate_series(1, $2) n where order_id = $1;
        insert into mails select (jsonb_populate_record(t, jsonb_build_object('order_id', grown('o', n)))).*
            from mails t, generate_series(1, $2) n where order_id = $1;
        """;

    [Fact]
    public async Task Payment_ByPlansOfEmptyTables_ReadsNoTableFromEndToEnd()
    {
        await ExecuteAsync(NeverCount);
        await using var shop = await FulfilmentShop.StartAsync(
            world, ("ConnectionStrings:Postgres", world.Postgres + ";Maximum Pool Size=4"), ("Jobs:CronSecret", CronSecret));
        Placed order = null!;
        for (var day = 0; day < 8; day++)
        {
            order = await DayAsync(shop);
        }

        var template = Guid.Parse(order.Id);
        foreach (var statement in Grow.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.NotEqual(0, await ExecuteAsync("set session_replication_role = replica; " + statement.Replace("$1", $"'{template}'", StringComparison.Ordinal).Replace("$2", Rows.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        }

        for (var day = 0; day < Days; day++)
        {
            await DayAsync(shop);
        }

        // A connection that ends has said what it read.
        await ExecuteAsync("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
        var read = await ReadAsync();
        Assert.True(read["customers"] > 0, "nothing is counted");
        Assert.All(read, static table => Assert.True(table.Value < Rows, $"{table.Key}: {table.Value} rows read"));
    }

    private static async Task<Placed> DayAsync(FulfilmentShop shop)
    {
        var order = await shop.PlaceAsync();
        (await shop.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertStatus(200);
        await shop.PayAsync(order);
        await shop.MailsAsync(order, 3);
        foreach (var job in (string[])["reconcile", "stuck-payments", "expired-links"])
        {
            Assert.InRange((await shop.Shop.PostAsync("/jobs/" + job, body: null, ("x-cron-secret", CronSecret))).Status, 200, 299);
        }

        return order;
    }

    private async Task<Dictionary<string, long>> ReadAsync()
    {
        await using var source = NpgsqlDataSource.Create(world.Postgres);
        await using var command = source.CreateCommand("select relname, seq_tup_read + coalesce(idx_tup_fetch, 0) from pg_stat_user_tables");
        await using var reader = await command.ExecuteReaderAsync();
        var read = new Dictionary<string, long>(StringComparer.Ordinal);
        while (await reader.ReadAsync())
        {
            read.Add(reader.GetString(0), reader.GetInt64(1));
        }

        return read;
    }

    private async Task<int> ExecuteAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(world.Postgres);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteNonQueryAsync();
    }
}
