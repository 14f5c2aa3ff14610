using LongPoll.Tests.Tickets;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Mails by SMTP: servers that refuse, hang and go away.</summary>
public abstract class MailServerTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "81")]
    [Trait("Acceptance", "84")]
    public async Task PaidOrder_GoesOutBySmtp_EachKindOnce()
    {
        await using var server = MailServer.Start();
        await using var shop = await StartAsync(server);
        var order = await shop.PlaceAsync(seats: ["A1"]);
        await shop.PayAsync(order);
        await NotedAsync(order, 3);

        Assert.Equal(["receipt", "ticket", "welcome"], Mine(server, order).Select(m => m.Kind).Order(StringComparer.Ordinal));
        Assert.All(Mine(server, order), mail => Assert.Equal($"<{mail.Kind}.{Guid.Parse(order.Id):N}@example.com>", mail.MessageId));
        Assert.All(server.Mails, mail => Assert.Contains("tickets@example.com", mail.From, StringComparison.Ordinal));
    }

    [Fact]
    public async Task OneMailThatFails_HoldsUpNoOther_AndGoesLater()
    {
        await using var server = MailServer.Start();
        var (refusals, address) = (0, FulfilmentShop.NewAddress());
        server.Taking = mail => Task.FromResult(mail.Kind == "ticket" && mail.To.Contains(address, StringComparison.Ordinal) && Interlocked.Increment(ref refusals) < 3 ? "451 greylisted" : "250 taken");
        await using var shop = await StartAsync(server);
        var order = await shop.PlaceAsync(address);
        await shop.PayAsync(order);
        await NotedAsync(order, 3);

        Assert.Equal(["receipt", "ticket", "welcome"], Mine(server, order).Select(m => m.Kind).Order(StringComparer.Ordinal));
        Assert.Equal(3, refusals);
    }

    [Fact]
    public async Task ServerThatHangs_HoldsUpNoTickets()
    {
        await using var server = MailServer.Start();
        server.Silent = true;
        await using var shop = await StartAsync(server, ("Smtp:TimeLimit", "00:00:02"));

        // More orders than mails are sent at a time: all their places are taken by the silence.
        foreach (var _ in Enumerable.Range(0, 8))
        {
            var order = await shop.PlaceAsync();
            await shop.PayAsync(order);
            Assert.Equal("completed", (await shop.FulfilledAsync(order)).Json.GetProperty("fulfilment").GetString());
        }

        Assert.Empty(server.Mails);
    }

    [Fact]
    public async Task RecipientRefusedForGood_IsNotTriedAgain()
    {
        await using var server = MailServer.Start();
        server.Refuses = address => address.StartsWith("nobody", StringComparison.Ordinal);
        await using var shop = await StartAsync(server);
        var order = await shop.PlaceAsync($"nobody-{Guid.NewGuid():N}@example.com");
        await shop.PayAsync(order);
        await NotedAsync(order, 3);

        Assert.Empty(Mine(server, order));
        Assert.Equal("completed", (await shop.Shop.ReadAsync(order)).Json.GetProperty("fulfilment").GetString());
    }

    [Fact]
    public async Task ServerWithoutTls_WhereTlsIsAsked_GetsNoMail()
    {
        await using var server = MailServer.Start();
        await using var shop = await StartAsync(server, ("Smtp:StartTls", "true"));
        var order = await shop.PlaceAsync();
        await shop.PayAsync(order);

        await Until.ValueAsync(() => world.CountAsync("outbox", order.Id), promises => promises == 2);
        Assert.Empty(server.Mails);
        Assert.Equal(0, await world.CountAsync("mails", order.Id));
    }

    // What an earlier test has left unsent goes out here too.
    private static IEnumerable<ReceivedMail> Mine(MailServer server, Placed order) =>
        server.Mails.Where(m => m.MessageId.Contains(Guid.Parse(order.Id).ToString("N"), StringComparison.Ordinal));

    private Task<FulfilmentShop> StartAsync(MailServer server, params (string Key, string? Value)[] settings) => FulfilmentShop.StartAsync(
        world,
        [
            ("Smtp:Host", "127.0.0.1"), ("Smtp:Port", server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("Smtp:From", "Tickets <tickets@example.com>"),
            .. settings,
        ]);

    private Task<long> NotedAsync(Placed order, int count) => Until.ValueAsync(() => world.CountAsync("mails", order.Id), noted => noted == count);
}
