using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LongPoll.Sandbox.Verdict;
using LongPoll.Tests.Support;
using Npgsql;
using Xunit;

namespace LongPoll.IntegrationTests;

/// <summary>
/// The short form of the verdict run: a day of 150 orders, all faults on, two nodes, PostgreSQL and Redis.
/// Acceptance 66–70, 73, 74, 77, 78; what the API cannot show is counted by SQL.
/// </summary>
public sealed class VerdictTests
{
    private const string ApiKey = "verdict-api-key";
    private const string AdminKey = "verdict-admin-key-verdict-admin-key";

    [Fact]
    public async Task A_quick_day_on_two_nodes_breaks_no_invariant_and_the_books_agree()
    {
        var postgres = await Servers.CreateDatabaseAsync();
        var listen = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}");
        var folder = Path.Combine(Path.GetTempPath(), $"longpoll-verdict-{Guid.NewGuid():N}");
        await using var one = await StartAsync(postgres, listen, folder);
        await using var two = await StartAsync(postgres, listen, folder);
        using var said = new StringWriter(CultureInfo.InvariantCulture);

        // The phones follow from the seed, and every run has a database of its own.
        var options = VerdictOptions.Parse(
            ["--target", $"{one.Address},{two.Address}", "--quick", "--seed", "11", "--providers", "payhero,stripe,phonepe", "--listen", listen, "--api-key", ApiKey, "--admin-key", AdminKey], out _)!;
        var report = await VerdictCommand.RunAsync(options, said, TestContext.Current.CancellationToken);

        VerdictTable.Write(report, said);
        TestContext.Current.TestOutputHelper!.WriteLine(said.ToString());
        Assert.True(report.Passed, said.ToString());
        Assert.Equal("0 0 0 0 0 0", await BooksAsync(postgres));
        Directory.Delete(folder, recursive: true);
    }

    private static Task<ServerNode> StartAsync(string postgres, string listen, string folder) => ServerNode.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["ConnectionStrings:Postgres"] = postgres,
        ["ConnectionStrings:Redis"] = Servers.Redis,
        ["PayHero:BaseUrl"] = listen + "/sandbox/payhero",
        ["Stripe:BaseUrl"] = listen + "/sandbox/stripe",
        ["PhonePe:BaseUrl"] = listen + "/sandbox/phonepe",
        ["Orders:ApiKey"] = ApiKey,
        ["Admin:Key"] = AdminKey,
        ["Logging:LogLevel:Default"] = "None",
        ["Fulfilment:Enabled"] = "true",
        ["Smtp:Folder"] = folder,
    });

    /// <summary>
    /// Orders that are completed without exactly one payment and one booking; payments or bookings of orders that are not;
    /// bookings whose reference is not the order's; transactions that stand in the books twice; completed orders without exactly one
    /// ticket; tickets of orders that are not.
    /// </summary>
    private static async Task<string> BooksAsync(string postgres)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        await using var command = source.CreateCommand(
            """
            select concat_ws(' ',
                (select count(*) from orders o where o.payment_status = 'completed'
                    and ((select count(*) from payments p where p.order_id = o.order_id) <> 1
                      or (select count(*) from bookings b where b.order_id = o.order_id) <> 1)),
                (select count(*) from orders o where o.payment_status <> 'completed'
                    and (exists (select from payments p where p.order_id = o.order_id) or exists (select from bookings b where b.order_id = o.order_id))),
                (select count(*) from bookings b join orders o using (order_id) join payments p using (order_id)
                    where b.booking_reference <> o.booking_reference or b.transaction_id <> p.transaction_id or o.receipt <> p.transaction_id),
                (select count(*) from (
                    select transaction_id from (select transaction_id from payments union all select transaction_id from money_inbox) t
                    group by transaction_id having count(*) > 1) twice),
                (select count(*) from orders o where o.payment_status = 'completed'
                    and (o.fulfilment <> 'completed' or (select count(*) from tickets t where t.order_id = o.order_id) <> 1)),
                (select count(*) from tickets t join orders o using (order_id) where o.payment_status <> 'completed'))
            """);
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
