using System.Text;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using LongPoll.Tests.Tickets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Tickets of paid orders: issued once, shown to who has the access token, used once.</summary>
public abstract class TicketTests(ServerWorld world)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Acceptance", "80")]
    public async Task Tickets_ComeOnlyAfterThePayment_AndThePageSeesThemCome()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync(seats: ["A1", "A2"]);
        Assert.Equal("none", order.Answer.Json.GetProperty("fulfilment").GetString());
        Assert.Equal(0, (await shop.TicketsAsync(order)).AssertStatus(200).Json.GetProperty("tickets").GetArrayLength());
        (await shop.Shop.GetAsync($"/orders/{order.Id}/tickets/1/qr.svg?access_token={order.Token}")).AssertProblem(404);
        Assert.Equal(0, await world.CountAsync("tickets", order.Id));

        var waiting = shop.Shop.WaitAsync(order);
        await shop.Shop.PaidAsync(order);
        var paid = (await waiting).AssertView("completed");
        Assert.Equal("pending", paid.Json.GetProperty("fulfilment").GetString());
        var done = (await shop.Shop.WaitAsync(order, $"timeout=30&since={paid.Version}")).AssertView("completed");

        Assert.Equal("completed", done.Json.GetProperty("fulfilment").GetString());
        Assert.True(done.Version > paid.Version);
        var tickets = done.Json.GetProperty("tickets").EnumerateArray().ToArray();
        Assert.Equal(["A1", "A2"], tickets.Select(t => t.GetProperty("seat").GetString()));
        Assert.All(tickets, (ticket, n) =>
        {
            Assert.True(ticket.GetProperty("success").GetBoolean());
            Assert.Equal($"/orders/{order.Id}/tickets/{n + 1}", ticket.GetProperty("url").GetString());
            Assert.Equal(System.Text.Json.JsonValueKind.Null, ticket.GetProperty("error").ValueKind);
        });
        Assert.Equal(2, await world.CountAsync("tickets", order.Id));
        Assert.DoesNotContain((await shop.TicketsAsync(order)).Json.GetProperty("tickets")[0].GetProperty("code").GetString()!, done.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tickets_WhereSeatsAreFree_ComePerUnit()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync(quantity: 3);
        await shop.PayAsync(order);

        var tickets = (await shop.TicketsAsync(order)).Json.GetProperty("tickets").EnumerateArray().ToArray();

        Assert.Equal(3, tickets.Length);
        Assert.Equal(3, tickets.Select(t => t.GetProperty("code").GetString()).Distinct(StringComparer.Ordinal).Count());
    }

    // The second of three commits fails: what stands before and behind it is done, in the order of the messages.
    [Fact]
    public async Task Tickets_OfManyOrdersAtOnce_WhereOneCommitFails_ComeOnceAllTheSame()
    {
        await using var shop = new FulfilmentShop(
            await world.StartAsync(static services => services.RemoveAll<IOutboxHandler>(), ("Fulfilment:Enabled", "true"), ("RateLimits:Public", "1000000 / 1 min")),
            Path.Combine(Path.GetTempPath(), $"longpoll-no-mails-{Guid.NewGuid():N}"));
        var orders = await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => shop.PlaceAsync(quantity: 1)));
        await Task.WhenAll(orders.Select(order => shop.Shop.PaidAsync(order)));
        var now = shop.Shop.Services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;
        var ids = orders.Select(order => Guid.Parse(order.Id)).ToHashSet();
        OutboxMessage[] messages =
        [
            .. (await shop.Shop.Services.GetRequiredService<IOutboxStore>().ClaimAsync(OutboxMessage.FulfilKind, now, now.AddMinutes(1), 1000, Cancel))
                .Where(message => ids.Contains(message.OrderId)),
        ];
        Assert.Equal(150, messages.Length);
        var store = new SecondWriteFails(shop.Shop.Services.GetRequiredService<IFulfilmentStore>());
        var fulfil = ActivatorUtilities.CreateInstance<FulfilOrders>(shop.Shop.Services, store);

        var first = await fulfil.HandleAsync(messages, Cancel);
        Assert.Equal(Enumerable.Range(0, 150).Select(n => n is < 64 or >= 128), first.Select(result => result.Done && result.Marked));
        Assert.Equal(86, await TicketsAsync());
        var second = await fulfil.HandleAsync(messages, Cancel);

        Assert.Equal(150, second.Count);
        Assert.All(second, static result => Assert.True(result.Done));
        Assert.Equal([64, 64, 22, 64], store.Writes);
        Assert.Equal(150, await TicketsAsync());
        Assert.All(await Task.WhenAll(orders.Select(shop.TicketsAsync)), static answer => Assert.Equal(1, answer.AssertStatus(200).Json.GetProperty("tickets").GetArrayLength()));

        async Task<long> TicketsAsync() => (await Task.WhenAll(orders.Select(order => world.CountAsync("tickets", order.Id)))).Sum();
    }

    [Fact]
    [Trait("Acceptance", "90")]
    [Trait("Acceptance", "91")]
    [Trait("Acceptance", "92")]
    [Trait("Acceptance", "93")]
    [Trait("Acceptance", "95")]
    public async Task Wallet_ShowsTheBookingAndItsTickets()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync(seats: ["B7"]);
        var receipt = await shop.PayAsync(order);

        var wallet = (await shop.TicketsAsync(order)).AssertStatus(200).Json;

        Assert.Equal("Jazz by the lake", wallet.GetProperty("eventTitle").GetString());
        Assert.Equal("Test Buyer", wallet.GetProperty("customerName").GetString());
        Assert.Matches(@"^b\*\*\*@example\.com$", wallet.GetProperty("customerEmail").GetString());
        Assert.Equal(["B7"], wallet.GetProperty("bookedSeats").EnumerateArray().Select(s => s.GetString()));
        Assert.Equal(150.00m, wallet.GetProperty("amountTotal").GetDecimal());
        Assert.Equal(receipt, wallet.GetProperty("paymentId").GetString());
        Assert.Equal(receipt, wallet.GetProperty("ticketReference").GetString());
        Assert.True(wallet.GetProperty("qrTicketsGenerated").GetBoolean());
        Assert.StartsWith("BK-", wallet.GetProperty("bookingReference").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wallet_OpensWithTheOrdersTokenOnly()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync();
        var other = await shop.PlaceAsync();
        await shop.PayAsync(order);

        foreach (var path in (string[])["", "/1", "/1/qr.svg", "/1/qr.png"])
        {
            (await shop.Shop.GetAsync($"/orders/{order.Id}/tickets{path}")).AssertProblem(401);
            (await shop.Shop.GetAsync($"/orders/{order.Id}/tickets{path}?access_token={other.Token}")).AssertProblem(401);
            (await shop.Shop.GetAsync($"/orders/{order.Id}/tickets{path}?access_token={order.Token}")).AssertStatus(200);
        }

        (await shop.Shop.GetAsync($"/orders/{order.Id}/tickets/3?access_token={order.Token}")).AssertProblem(404);
    }

    [Fact]
    [Trait("Acceptance", "95")]
    public async Task Wallet_AskedByABrowser_IsAPage()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync(seats: ["C1", "C2"], change: body => body["event"]!["name"] = "Fish & <Chips>");
        await shop.PayAsync(order);

        var page = (await shop.Shop.GetAsync($"/orders/{order.Id}/tickets?access_token={order.Token}", ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"))).AssertStatus(200);

        Assert.Equal("text/html", page.ContentHeaders.ContentType?.MediaType);
        Assert.Contains("Seat C1", page.Text, StringComparison.Ordinal);
        Assert.Contains("Seat C2", page.Text, StringComparison.Ordinal);
        Assert.Contains("Fish &amp; &lt;Chips&gt;", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(order.Token, page.Text, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page.Header("Content-Security-Policy"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gate_GenuineTicket_IsUsedOnce_AndTheSecondScanSaysWhen()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync(seats: ["D1"]);
        await shop.PayAsync(order);
        var code = await CodeAsync(shop, order);

        var before = (await shop.Shop.GetAsync($"/tickets/{code}")).AssertStatus(200).Json;
        Assert.Equal((true, true), (before.GetProperty("genuine").GetBoolean(), before.GetProperty("unused").GetBoolean()));
        (await shop.AdmitAsync(code, key: "not the key")).AssertProblem(401);
        var first = (await shop.AdmitAsync(code)).AssertStatus(200).Json;
        var second = (await shop.AdmitAsync(code)).AssertProblem(409).Json;
        var after = (await shop.Shop.GetAsync($"/api/tickets/{code}")).AssertStatus(200).Json;

        Assert.Equal(first.GetProperty("admittedAt").GetDateTime(), second.GetProperty("admittedAt").GetDateTime());
        Assert.Equal(("used", false), (after.GetProperty("status").GetString(), after.GetProperty("unused").GetBoolean()));
        Assert.DoesNotContain("example.com", after.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gate_TwoScansAtOnce_AdmitOnce()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync(seats: ["E1"]);
        await shop.PayAsync(order);
        var code = await CodeAsync(shop, order);

        var scans = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => shop.AdmitAsync(code)));

        Assert.Equal(1, scans.Count(s => s.Status == 200));
        Assert.Equal(11, scans.Count(s => s.Status == 409));
    }

    [Fact]
    public async Task Gate_ChangedCode_IsNotGenuine()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync();
        await shop.PayAsync(order);
        var code = await CodeAsync(shop, order);

        for (var at = 0; at < code.Length; at++)
        {
            var changed = new StringBuilder(code);
            changed[at] = code[at] == '7' ? '8' : '7';
            (await shop.Shop.GetAsync($"/tickets/{changed}")).AssertProblem(404);
        }

        (await shop.AdmitAsync(code[..^1])).AssertProblem(404);
        (await shop.Shop.GetAsync("/tickets/hello")).AssertProblem(404);
    }

    private static async Task<string> CodeAsync(FulfilmentShop shop, Placed order) =>
        (await shop.TicketsAsync(order)).Json.GetProperty("tickets")[0].GetProperty("code").GetString()!;

    private sealed class SecondWriteFails(IFulfilmentStore store) : IFulfilmentStore
    {
        /// <summary>How many orders were in each.</summary>
        public List<int> Writes { get; } = [];

        public Task<IReadOnlyList<PaidOrder>> FindPaidOrdersAsync(IReadOnlyCollection<Guid> orderIds, CancellationToken cancel) => store.FindPaidOrdersAsync(orderIds, cancel);

        public Task<IReadOnlyList<Order>> FulfilAsync(IReadOnlyList<FulfilmentStep> steps, DateTime now, CancellationToken cancel)
        {
            Writes.Add(steps.Count);
            return Writes.Count == 2 ? throw new TimeoutException() : store.FulfilAsync(steps, now, cancel);
        }

        public Task NoteMailAsync(Guid orderId, string kind, string messageId, string outcome, DateTime now, CancellationToken cancel) =>
            store.NoteMailAsync(orderId, kind, messageId, outcome, now, cancel);

        public Task<Admission?> AdmitAsync(Guid orderId, int number, DateTime now, CancellationToken cancel) => store.AdmitAsync(orderId, number, now, cancel);
    }
}
