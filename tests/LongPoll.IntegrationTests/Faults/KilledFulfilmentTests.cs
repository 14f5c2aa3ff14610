using System.Globalization;
using LongPoll.IntegrationTests.Faults.Support;
using LongPoll.Tests.Tickets;
using Xunit;

namespace LongPoll.IntegrationTests.Faults;

/// <summary>
/// SIGKILL over tickets and mails: at random while a hundred orders are paid, at the worst moment of a mail, and at every step from
/// the claim of the promise until all of it is kept.
/// </summary>
[Collection(FaultsCollection.Name)]
public sealed class KilledFulfilmentTests(ITestOutputHelper output)
{
    private const int Orders = 100;
    private const int Kills = 10;

    [Fact]
    [Trait("Acceptance", "66")]
    [Trait("Acceptance", "81")]
    [Trait("Acceptance", "84")]
    [Trait("Acceptance", "85")]
    [Trait("Acceptance", "89")]
    public async Task HundredOrders_SeatsFailingAndServerKilledTenTimes_TicketsAreSeatsAndOneMailOfEachKind()
    {
        var random = new Random(FaultRun.Seed(output));
        await using var mails = MailServer.Start();
        await using var service = await FakeTicketService.StartAsync();
        var broken = true;
        service.Instead = (asked, http) =>
        {
            // A tenth of the seats, always the same ones.
            http.Response.StatusCode = broken && asked.Seat.Sum(c => c) % 10 == 0 ? 500 : 200;
            return Task.FromResult(http.Response.StatusCode == 500);
        };
        var settings = TicketShop.Settings(mails, service);
        var database = await Servers.CreateDatabaseAsync();
        var books = new Books(database);
        await using var till = await Till.StartAsync();
        var server = await ServerProcess.StartAsync(database, Servers.Redis, till.Address, settings);
        try
        {
            await books.LeasesShortAsync();
            var orders = new SeatOrder[Orders];
            int[] seats = [.. Enumerable.Range(0, Orders).Select(_ => random.Next(1, 7))];
            await Parallel.ForAsync(0, Orders, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (n, _) => orders[n] = await TicketShop.OrderAsync(server.Client, seats[n]));

            // Paid over the time in which the servers die, some of them twice.
            var paying = Task.WhenAll(orders.Select(order => PayAsync(order, random.Next(12_000), random.Next(4) == 0)));
            for (var kill = 1; kill <= Kills; kill++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 900)), TimeProvider.System, TestContext.Current.CancellationToken);
                await server.KillAsync();
                var dead = server;
                Volatile.Write(ref server, await ServerProcess.StartAsync(database, Servers.Redis, till.Address, settings));
                await dead.DisposeAsync();
                broken = kill < Kills - 2;
            }

            await paying;
            await Soon.TrueAsync(
                async () =>
                {
                    await TicketShop.DueNowAsync(books);
                    return await books.CountAsync("select count(*) from orders where fulfilment = 'completed'") == Orders
                        && await books.CountAsync("select count(*) from mails where outcome = 'sent'") == 3 * Orders
                        && await books.CountAsync("select count(*) from outbox where done_at is null") == 0;
                },
                "all tickets are issued and all mails sent",
                seconds: 60,
                () => server.Said);

            Assert.Equal(Orders, await books.CountAsync("select count(*) from bookings"));
            Assert.Equal(seats.Sum(), await books.CountAsync("select count(*) from tickets"));
            Assert.Equal(seats.Sum(), await books.CountAsync("select count(distinct (order_id, seat)) from tickets where ticket_path is not null"));
            Assert.Equal(0, await books.CountAsync("select count(*) from orders o where version <> (select count(*) from order_events e where e.order_id = o.order_id)"));
            foreach (var kind in (string[])["welcome", "ticket", "receipt"])
            {
                Assert.Equal(Orders, await books.CountAsync("select count(*) from mails where kind = @Kind", new { Kind = kind }));
                Assert.Equal(Orders, mails.Mails.Where(m => m.Kind == kind).DistinctBy(m => m.MessageId).Count());
            }

            // Who dies between the server's 250 and the note sends that mail again: the same one, and no more than one for each kill
            // and place in the lane.
            var again = mails.Mails.Count - (3 * Orders);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seats.Sum()} seats, {service.Asked.Count} asked for, {mails.Mails.Count} mails, {again} sent again with the same Message-ID"));
            Assert.InRange(again, 0, Kills * 4);
            foreach (var order in orders)
            {
                var mine = mails.Mails.Where(m => m.To.Contains(order.Email, StringComparison.Ordinal)).DistinctBy(m => m.MessageId).ToArray();
                Assert.Equal(["receipt", "ticket", "welcome"], mine.Select(m => m.Kind).Order(StringComparer.Ordinal));
                Assert.All(order.Seats, seat => Assert.Contains("seat " + seat, mine.Single(m => m.Kind == "ticket").Text, StringComparison.Ordinal));
            }
        }
        finally
        {
            await server.DisposeAsync();
        }

        async Task PayAsync(SeatOrder order, int after, bool twice)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(after), TimeProvider.System, TestContext.Current.CancellationToken);
            var push = till.PushFor(order.Number)!;
            await Till.PayAsync(push, () => Volatile.Read(ref server).Address);
            if (twice)
            {
                await Till.PayAsync(push, () => Volatile.Read(ref server).Address);
            }
        }
    }

    [Theory]
    [InlineData("welcome")]
    [InlineData("ticket")]
    [InlineData("receipt")]
    [Trait("Acceptance", "84")]
    public async Task KilledBetweenTheServersYesAndTheNote_SendsThatMailAgainWithTheSameId_AndNoOther(string kind)
    {
        await using var mails = MailServer.Start();
        await using var stage = await KillStage.StartAsync(settings: TicketShop.Settings(mails), heldBack: "ask_provider");
        var killing = new TaskCompletionSource();
        var first = 0;
        mails.Taking = async mail =>
        {
            // The mail is taken, and the server never hears of it.
            if (mail.Kind == kind && Interlocked.Exchange(ref first, 1) == 0)
            {
                await stage.Server.KillAsync();
                killing.SetResult();
            }

            return "250 taken";
        };
        var order = await TicketShop.OrderAsync(stage.Server.Client, seats: 2);
        await Till.PayAsync(stage.Till.PushFor(order.Number)!, () => stage.Server.Address);
        await Soon.TrueAsync(() => killing.Task.IsCompleted, "the server is killed over the mail");
        await stage.NextServerAsync();

        await Soon.TrueAsync(async () => await stage.Books.CountAsync("select count(*) from mails where order_id = @OrderId", new { order.OrderId }) == 3, "all mails are noted");

        Assert.Equal(2, mails.Mails.Count(m => m.Kind == kind));
        Assert.Equal(4, mails.Mails.Count);
        Assert.Equal(3, mails.Mails.DistinctBy(m => m.MessageId).Count());
    }

    [Fact]
    [Trait("Acceptance", "66")]
    [Trait("Acceptance", "84")]
    public async Task Fulfil_KilledAtEachWireMessage_NextServerIssuesTheRestOnce()
    {
        await using var mails = MailServer.Start();
        await using var stage = await KillStage.StartAsync(["fulfil", "mail"], TicketShop.Settings(mails), heldBack: "fulfil");
        var steps = await new KillEach(stage, output).RunAsync(new KillFlow<SeatOrder>(
            "fulfil",
            BeginAsync: async () =>
            {
                var order = await TicketShop.OrderAsync(stage.Server.Client, seats: 2);
                await Till.PayAsync(stage.Till.PushFor(order.Number)!, () => stage.Server.Address);
                await stage.Books.AnnouncedAsync(order.OrderId);
                return order;
            },
            WorkAsync: order => stage.Books.PromisesDueAsync(order.OrderId),
            DoneAsync: async order => await stage.Books.OfAsync(order.OrderId) is { OpenPromises: 0, Promises: 2 } books && books.AnnouncedVersion == books.Version,
            EndsRightAsync: async order =>
            {
                await Soon.TrueAsync(
                    async () => await stage.Books.OfAsync(order.OrderId) is { OpenPromises: 0, Promises: 2 }, $"the promises about order {order.OrderId} are kept");
                await stage.Books.AnnouncedAsync(order.OrderId);
                await stage.Books.PaidOnceAsync(order.OrderId);
                Assert.Equal(1, await stage.Books.CountAsync("select count(*) from orders where order_id = @OrderId and fulfilment = 'completed'", new { order.OrderId }));
                Assert.Equal(2, await stage.Books.CountAsync("select count(*) from tickets where order_id = @OrderId", new { order.OrderId }));
                Assert.Equal(3, await stage.Books.CountAsync("select count(*) from mails where order_id = @OrderId and outcome = 'sent'", new { order.OrderId }));
                Assert.Equal(
                    ["receipt", "ticket", "welcome"],
                    mails.Mails.Where(m => m.To.Contains(order.Email, StringComparison.Ordinal)).DistinctBy(m => m.MessageId).Select(m => m.Kind).Order(StringComparer.Ordinal));
            }));
        Assert.All(
            (string[])["kind = 'fulfil'", "insert into tickets", "kind = 'mail'", "insert into mails", "set done_at", "EVAL"],
            part => Assert.Contains(steps, s => $"{s.Kind} {s.Statement}".Contains(part, StringComparison.Ordinal)));
    }
}
