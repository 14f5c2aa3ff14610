using LongPoll.Tests.Http.Providers;
using Xunit;

namespace LongPoll.Tests.Http.Links;

// Money that comes late or twice, and links that end while somebody pays.
public abstract partial class LinkPaymentTests
{
    [Fact]
    [Trait("Acceptance", "63")]
    public async Task LateMoney_AfterExpiredAndAfterCanceled_PaysTheLink()
    {
        var (expired, late) = await ExpiredLinkAsync(World.Shop);
        var (canceled, _) = await MakeAsync(World.Shop);
        var later = await PayAsync(World.Shop, canceled);
        (await CancelAsync(World.Shop, canceled)).AssertStatus(200);

        foreach (var (link, order) in ((string, Placed)[])[(expired, late), (canceled, later)])
        {
            var receipt = await World.Shop.PaidAsync(order);

            var paid = await StandsAsync(World.Shop, link, "PAID", "PAID");
            Assert.Equal(receipt, paid.GetProperty("transactionInfo").GetProperty("transactionId").GetString());
            Assert.False(paid.GetProperty("isExpired").GetBoolean());
            await RunAsync(World.Shop, "expired-links");
            await StandsAsync(World.Shop, link, "PAID", "PAID");
        }
    }

    [Fact]
    public async Task SecondPaymentOfItsOrder_GoesToTheMoneyInbox()
    {
        var (link, order, receipt) = await PaidLinkAsync(World.Shop);
        var second = Shop.Paid();

        Assert.Equal("review", await PaidAgainAsync(World.Shop, order, second));

        Assert.Equal("second_payment", await ProblemOfAsync(second.Receipt!));
        Assert.Equal(receipt, (await StandsAsync(World.Shop, link, "PAID")).GetProperty("transactionInfo").GetProperty("transactionId").GetString());
    }

    // The first payer's money was late, and the second payer paid as well: each order alone would take its money.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task MoneyForTwoOrders_PaysTheLinkOnceAndThenGoesToTheMoneyInbox(bool lateFirst)
    {
        var (link, _) = await MakeAsync(World.Shop);
        var first = await PayAsync(World.Shop, link);
        await DeclineAsync(World.Shop, first);
        var second = await PayAsync(World.Shop, link);
        var (winner, loser) = lateFirst ? (first, second) : (second, first);

        var receipt = await World.Shop.PaidAsync(winner);
        var besides = Shop.Paid();
        Assert.Equal("review", await PaidAgainAsync(World.Shop, loser, besides));

        Assert.Equal("second_payment", await ProblemOfAsync(besides.Receipt!));
        Assert.Equal(receipt, (await StandsAsync(World.Shop, link, "PAID", "PAID")).GetProperty("transactionInfo").GetProperty("transactionId").GetString());
        Assert.Equal((1, 0), (await World.CountAsync("payments", winner.Id), await World.CountAsync("payments", loser.Id)));
        var view = await World.Shop.ReadAsync(loser);
        Assert.Equal("under_review", view.Json.GetProperty("reason").GetString());
        Assert.False(view.Json.GetProperty("safeToRetry").GetBoolean());

        // Told again it is the same entry; and no decision of a person makes a link paid twice.
        Assert.Equal("review", await PaidAgainAsync(World.Shop, loser, besides));
        var entry = (await EntriesAsync()).Single(e => (string?)e["transactionId"] == besides.Receipt);
        (await DecideAsync((string)entry["id"]!, "attach")).AssertProblem(409);
        (await DecideAsync((string)entry["id"]!, "dismiss")).AssertStatus(204);
        Assert.Equal(JsonValueKindNull, (await World.Shop.ReadAsync(loser)).Json.GetProperty("reason").ValueKind);
    }

    [Fact]
    public async Task MoneyForTwoOrdersAtOnce_PaysTheLinkOnce()
    {
        for (var round = 0; round < 5; round++)
        {
            var (link, _) = await MakeAsync(World.Shop);
            var first = await PayAsync(World.Shop, link);
            await DeclineAsync(World.Shop, first);
            var second = await PayAsync(World.Shop, link);

            var results = await Task.WhenAll(PaidAgainAsync(World.Shop, first), PaidAgainAsync(World.Shop, second));

            Assert.Equal(["applied", "review"], results.Order(StringComparer.Ordinal));
            await StandsAsync(World.Shop, link, "PAID");
            Assert.Equal(1, await World.CountAsync("payments", first.Id) + await World.CountAsync("payments", second.Id));
        }
    }

    [Fact]
    public async Task Expired_TheOrderEndsTheUsualWayAndWhoWaitsIsTold()
    {
        var (link, _) = await MakeAsync(World.Shop, Body(In(TimeSpan.FromMinutes(9))));
        var order = await PayAsync(World.Shop, link);
        World.PayHero.Tell(World.Shop.Push(order), "QUEUED");
        var waiting = World.Shop.WaitAsync(order);
        await World.Shop.ParkedAsync(1);

        await AgeLinkAsync(link, TimeSpan.FromMinutes(9));
        await AgeOrderAsync(order, TimeSpan.FromMinutes(9));
        await RunAsync(World.Shop, "expired-links");

        var ended = (await waiting).AssertView("expired", "notified");
        Assert.Equal("order_expired", ended.Json.GetProperty("reason").GetString());
        Assert.False(ended.Json.GetProperty("safeToRetry").GetBoolean());
        await StandsAsync(World.Shop, link, "EXPIRED", "EXPIRED");
        (await World.Shop.PayAsync(order)).AssertProblem(409);
    }

    // A declined order of a link that is over must not invite anybody to press Try again.
    [Fact]
    public async Task Expired_ADeclinedOrderCannotBeTriedAgainAndItsPageIsTold()
    {
        var (link, _) = await MakeAsync(World.Shop);
        var order = await PayAsync(World.Shop, link);
        await DeclineAsync(World.Shop, order);
        var waiting = World.Shop.WaitAsync(order, $"since={(await World.Shop.ReadAsync(order)).Version}&timeout=30");
        await World.Shop.ParkedAsync(1);

        await AgeLinkAsync(link, TimeSpan.FromDays(1));
        await RunAsync(World.Shop, "expired-links");

        Assert.False((await waiting).AssertView("cancelled").Json.GetProperty("safeToRetry").GetBoolean());
        (await World.Shop.PayAsync(order)).AssertProblem(409);
    }

    // A prompt on a phone cannot be taken back: its order has no time left, and ends when the prompt can no longer be paid.
    [Fact]
    public async Task Canceled_APromptEndsWhenItCanNoLongerBePaid()
    {
        var (link, _) = await MakeAsync(World.Shop);
        var order = await PayAsync(World.Shop, link);
        World.PayHero.Tell(World.Shop.Push(order), "QUEUED");

        (await CancelAsync(World.Shop, link)).AssertStatus(200);

        var left = (await World.Shop.ReadAsync(order)).AssertView("processing");
        Assert.True(left.Json.GetProperty("expiresAt").GetDateTime() <= In(TimeSpan.Zero));
        Assert.True(left.Version > order.Answer.Version);
        var waiting = World.Shop.WaitAsync(order);
        await World.Shop.ParkedAsync(1);
        await AgeOrderAsync(order, TimeSpan.FromMinutes(3));
        (await waiting).AssertView("expired", "notified");
        await StandsAsync(World.Shop, link, "CANCELED", "CANCELED");
    }

    [Fact]
    public async Task Canceled_APageOfTheProvidersIsClosedAtOnce()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await World.StartAsync([.. stripe.Settings]);
        var body = Body();
        body["provider"] = "stripe";
        var (link, _) = await MakeAsync(shop, body);
        var order = await PayAsync(shop, link);
        Assert.NotNull(order.Answer.Json.GetProperty("checkoutUrl").GetString());
        var waiting = shop.WaitAsync(order);
        await shop.ParkedAsync(1);

        (await CancelAsync(shop, link)).AssertStatus(200);

        (await waiting).AssertView("expired", "notified");
        Assert.Equal(LongPoll.Sandbox.Pages.PageState.Expired, stripe.PageOf(order).State);
        await StandsAsync(shop, link, "CANCELED", "CANCELED");

        // Whoever was a moment quicker has paid.
        (await stripe.Paid(order, PretendProvider.NewTransaction()).PostTo(shop)).AssertResult("applied");
        Assert.Equal("stripe", (await StandsAsync(shop, link, "PAID")).GetProperty("paymentMethod").GetString());
    }
}
