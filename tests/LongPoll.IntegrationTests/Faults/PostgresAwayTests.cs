using System.Globalization;
using System.Net;
using LongPoll.IntegrationTests.Faults.Support;
using LongPoll.Sandbox.PayHero;
using LongPoll.Server.Storage.Postgres;
using LongPoll.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Xunit;

namespace LongPoll.IntegrationTests.Faults;

/// <summary>PostgreSQL is killed in a stream of callbacks, and is slow.</summary>
[Collection(FaultsCollection.Name)]
public sealed class PostgresAwayTests
{
    [Fact]
    [Trait("Acceptance", "44")]
    [Trait("Acceptance", "48")]
    [Trait("Acceptance", "49")]
    [Trait("Acceptance", "50")]
    [Trait("Acceptance", "66")]
    [Trait("Acceptance", "68")]
    public async Task Callback_PostgresKilledInAStream_NothingHalfDoneAndEveryOrderPaidOnce()
    {
        const int Orders = 120;
        const int Parked = 60;
        await using var postgres = await OwnPostgres.StartAsync();
        await using var till = await Till.StartAsync();
        var books = new Books(postgres.ConnectionString);
        await using var node = await NodeAsync(postgres.ConnectionString, till);
        var orders = await Buyers.OrdersAsync(node.Client, Orders);
        var waits = orders.Take(Parked).Select(o => Buyers.WaitAsync(node.Client, o.OrderId, seconds: 120)).ToArray();
        await Buyers.ParkedAsync(Parked, node.Client);

        // The stream: those with a page come while PostgreSQL is away or about to go, the others around them.
        var (taken, refused, calls) = (0, 0, new List<Task<Taken>>());
        async Task<Taken> PayAsync(Bought order)
        {
            var result = await Till.PayAsync(till.PushFor(order.Number)!, () => node.Address, TimeSpan.FromMilliseconds(200), _ => Interlocked.Increment(ref refused));
            Interlocked.Increment(ref taken);
            return result;
        }

        calls.AddRange(orders.Skip(Parked).Select(PayAsync));
        await Soon.TrueAsync(() => Volatile.Read(ref taken) > 5, "some callbacks are taken");
        await postgres.KillAsync();
        calls.AddRange(orders.Take(Parked).Select(PayAsync));
        await Soon.TrueAsync(() => Volatile.Read(ref refused) > 2 * Parked, "callbacks are refused again and again", seconds: 30);
        Assert.DoesNotContain(waits, w => w.IsCompleted);
        var unread = Buyers.WaitAsync(node.Client, orders[0].OrderId, seconds: 120);
        await Buyers.ParkedAsync(Parked + 1, node.Client);

        await postgres.StartAgainAsync();
        var all = await Task.WhenAll(calls);
        var answers = await Task.WhenAll([.. waits, unread]);

        Assert.All(all.SelectMany(t => t.Refusals), r => Assert.Equal((HttpStatusCode.ServiceUnavailable, true), (r.Status, r.HasRetryAfter)));
        Assert.All(answers, a => Assert.Equal((HttpStatusCode.OK, "completed"), (a.Status, a.PaymentStatus)));
        foreach (var order in orders)
        {
            await books.PaidOnceAsync(order.OrderId);
            await books.AnnouncedAsync(order.OrderId);
        }

        // In a commit whose answer was lost the money is there all the same: its repetition is a duplicate, with the same booking.
        Assert.All(all, t => Assert.True(t.Body.GetProperty("result").GetString() is "applied" or "duplicate"));
        Assert.All(all, t => Assert.NotNull(t.Body.GetProperty("bookingReference").GetString()));
        Assert.Equal(Orders, await books.CountAsync("select count(*) from payments"));
        Assert.Equal(Orders, await books.CountAsync("select count(*) from callbacks where result = 'applied'"));
    }

    // Nothing more is going to be said about this order, so nothing but looking can answer the page.
    [Fact]
    public async Task Wait_PostgresAwayAtItsOnlyRead_AnsweredFromTheDatabaseOnceItIsBack()
    {
        await using var postgres = await OwnPostgres.StartAsync();
        await using var till = await Till.StartAsync();
        await using var node = await NodeAsync(postgres.ConnectionString, till);
        var order = (await Buyers.OrdersAsync(node.Client, 1))[0];

        // A cancellation: a page that has seen nothing is not answered with it from the cache.
        var cancelled = PaymentOutcome.Cancelled(TimeProvider.System.GetUtcNow());
        await Till.TellAsync(till.PushFor(order.Number)!, cancelled, () => node.Address);
        await new Books(postgres.ConnectionString).AnnouncedAsync(order.OrderId);
        await postgres.KillAsync();
        var wait = Buyers.WaitAsync(node.Client, order.OrderId, seconds: 120);
        await Buyers.ParkedAsync(1, node.Client);
        await Soon.ObserveAsync(1.5);
        Assert.False(wait.IsCompleted);

        await postgres.StartAgainAsync();
        var answer = await wait.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "cancelled"), (answer.Status, answer.PaymentStatus));
    }

    [Fact]
    public async Task Wait_PostgresSlowAndPoolOfFive_TwoHundredParkedPagesHoldNoConnection()
    {
        const int Parked = 200;
        var database = new NpgsqlConnectionStringBuilder(await Servers.CreateDatabaseAsync()) { MaxPoolSize = 5 };
        await using var wire = new WireProxy(new IPEndPoint(IPAddress.Loopback, database.Port), () => new PostgresWireReader());
        await using var till = await Till.StartAsync();
        await using var node = await NodeAsync(Wires.Through(database.ConnectionString, wire), till);
        var orders = await Buyers.OrdersAsync(node.Client, 10);
        wire.Delay = TimeSpan.FromMilliseconds(5);
        var waits = Enumerable.Range(0, Parked).Select(i => Buyers.WaitAsync(node.Client, orders[i % orders.Count].OrderId)).ToArray();
        await Buyers.ParkedAsync(Parked, node.Client);
        await Soon.TrueAsync(async () => await ReadyAsync(node), "the store answers while two hundred wait", seconds: 10);

        var taken = await Task.WhenAll(orders.Select(o => Till.PayAsync(till.PushFor(o.Number)!, () => node.Address)));
        var answers = await Task.WhenAll(waits);

        Assert.All(taken, t => Assert.Empty(t.Refusals));
        Assert.All(answers, a => Assert.Equal((HttpStatusCode.OK, "notified", "completed"), (a.Status, a.Ending, a.PaymentStatus)));
        Assert.InRange(wire.MostOpen, 1, 5);
    }

    [Fact]
    public async Task Callback_EveryOtherConnectionTaken_IsSettled()
    {
        var database = new NpgsqlConnectionStringBuilder(await Servers.CreateDatabaseAsync()) { MaxPoolSize = 4 };
        await using var till = await Till.StartAsync();
        await using var node = await NodeAsync(database.ConnectionString, till);
        var order = (await Buyers.OrdersAsync(node.Client, 1))[0];
        var source = node.Services.GetRequiredService<PostgresDatabase>().Source;
        await using var one = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var two = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);

        var taken = await Till.PayAsync(till.PushFor(order.Number)!, () => node.Address);

        Assert.Empty(taken.Refusals);
    }

    private static Task<ServerNode> NodeAsync(string postgres, Till till) => ServerNode.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["ConnectionStrings:Postgres"] = postgres,
        ["ConnectionStrings:Redis"] = Servers.Redis,
        ["Sandbox:Enabled"] = "false",
        ["Logging:LogLevel:Default"] = "None",
        ["PayHero:BaseUrl"] = till.Address.ToString(),
        ["PayHero:BasicAuthToken"] = "ZmF1bHRzOmZhdWx0cw==",
        ["PayHero:ChannelId"] = 133.ToString(CultureInfo.InvariantCulture),
        ["PayHero:CallbackToken"] = "faults-callback-token",
    });

    private static async Task<bool> ReadyAsync(ServerNode node)
    {
        using var answer = await node.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }
}
