using LongPoll.Tests.Tickets;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The mails about an order: which, to whom, what they say, and how often.</summary>
public abstract class MailTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "81")]
    [Trait("Acceptance", "82")]
    [Trait("Acceptance", "83")]
    [Trait("Acceptance", "84")]
    public async Task NewBuyer_GetsWelcomeTicketAndReceipt_EachOnce()
    {
        await using var shop = await FulfilmentShop.StartAsync(world, ("PublicUrl", "https://pay.example.com"));
        var address = FulfilmentShop.NewAddress();
        var order = await shop.PlaceAsync(address, ["A1", "A2"]);
        var receipt = await shop.PayAsync(order);
        await shop.Shop.TellAsync(order, Shop.Paid() with { Receipt = receipt });
        await SentAsync(order, 3);
        var mails = await shop.MailsAsync(order, 3);

        Assert.Equal(["receipt", "ticket", "welcome"], mails.Keys.Order(StringComparer.Ordinal));
        var link = $"https://pay.example.com/orders/{order.Id}/tickets?access_token={order.Token}";
        Assert.All(mails.Values, mail =>
        {
            Assert.Contains(address, mail.To, StringComparison.Ordinal);
            Assert.Equal($"<{mail.Kind}.{Guid.Parse(order.Id):N}@localhost>", mail.MessageId);
            Assert.Contains(link, mail.Text, StringComparison.Ordinal);
            Assert.Contains(link, System.Net.WebUtility.HtmlDecode(mail.Html), StringComparison.Ordinal);
        });
        Assert.Contains($"M-PESA receipt number: {receipt}", mails["receipt"].Text, StringComparison.Ordinal);
        Assert.Contains(receipt, mails["receipt"].Html, StringComparison.Ordinal);
        Assert.Contains("KES 300.00", mails["receipt"].Text, StringComparison.Ordinal);
        Assert.Contains("2 × Regular (Seats A1, A2): KES 300.00", mails["receipt"].Text, StringComparison.Ordinal);

        // Each QR code stands in the page and is attached, the same image.
        var images = mails["ticket"].Parts.Where(p => p.Type == "image/png").ToLookup(p => p.IsAttachment);
        Assert.Equal((2, 2), (images[false].Count(), images[true].Count()));
        Assert.All(images[false].Zip(images[true]), pair => Assert.Equal(pair.First.Content, pair.Second.Content));
        Assert.All(images[false], image => Assert.Contains($"src=\"cid:{image.ContentId}\"", mails["ticket"].Html, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Acceptance", "96")]
    public async Task KnownAddress_IsNotWelcomedAgain_WhateverPhoneAndName()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var address = FulfilmentShop.NewAddress();
        var first = await shop.PlaceAsync(address);
        await shop.PayAsync(first);
        var second = await shop.PlaceAsync(address.ToUpperInvariant(), change: body => body["customer"]!["firstName"] = "Somebody");
        await shop.PayAsync(second);
        await SentAsync(first, 3);
        await SentAsync(second, 2);

        Assert.Contains("welcome", (await shop.MailsAsync(first, 3)).Keys);
        Assert.Equal(["receipt", "ticket"], (await shop.MailsAsync(second, 2)).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Acceptance", "96")]
    public async Task NewAddress_ThatPaysTwiceAtOnce_IsWelcomedOnce()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var address = FulfilmentShop.NewAddress();
        var orders = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => shop.PlaceAsync(address)));
        await Task.WhenAll(orders.Select(shop.PayAsync));

        await Until.ValueAsync(() => Task.FromResult(orders.Sum(o => shop.Mails(o).Count)), sent => sent == 13);

        Assert.Equal(1, orders.SelectMany(shop.Mails).Count(m => m.Kind == "welcome"));
    }

    [Theory]
    [InlineData("cancelled")]
    [InlineData("failed")]
    public async Task UnpaidEnding_SendsNothing(string ending)
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync();
        (await shop.Shop.TellAsync(order, ending == "cancelled" ? Shop.Cancelled() : Shop.Failed(1, "insufficient"))).AssertResult("applied");

        // A payment that comes after it has its mails: so this one's would have been there.
        var other = await shop.PlaceAsync();
        await shop.PayAsync(other);
        await SentAsync(other, 3);

        Assert.Empty(shop.Mails(order));
        Assert.Equal((0, 0), (await world.CountAsync("mails", order.Id), await world.CountAsync("outbox", order.Id)));
    }

    [Fact]
    public async Task WhatPeopleType_EndsNoHeaderLine()
    {
        await using var shop = await FulfilmentShop.StartAsync(world);
        var order = await shop.PlaceAsync(change: body =>
        {
            body["event"]!["name"] = "Jazz\u2028Bcc: thief@example.com <b>";
            body["event"]!["organizerEmail"] = "\"x\" <organizer@example.com>";
            body["customer"]!["firstName"] = "Łukasz \"the\" <b>Bold</b>, 月亮";
        });
        await shop.PayAsync(order);
        var mails = await shop.MailsAsync(order, 3);

        Assert.All(mails.Values, mail =>
        {
            Assert.DoesNotContain(mail.HeaderLines, line => line.StartsWith("Bcc", StringComparison.OrdinalIgnoreCase));
            Assert.Equal("organizer@example.com", mail.Header("Reply-To"));
            Assert.DoesNotContain("<b>", mail.Html, StringComparison.Ordinal);
        });
        Assert.Contains("Jazz Bcc: thief@example.com <b>", mails["ticket"].Subject, StringComparison.Ordinal);
        Assert.Contains("Łukasz", mails["welcome"].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MailsSwitchedOff_TicketsComeAllTheSame()
    {
        await using var shop = await FulfilmentShop.StartAsync(world, ("Mails:Enabled", "false"));
        var order = await shop.PlaceAsync();
        await shop.PayAsync(order);

        Assert.Equal("completed", (await shop.FulfilledAsync(order)).Json.GetProperty("fulfilment").GetString());
        Assert.Equal(1, await world.CountAsync("outbox", order.Id));
    }

    private Task<long> SentAsync(Placed order, int count) => Until.ValueAsync(() => world.CountAsync("mails", order.Id), sent => sent == count);
}
