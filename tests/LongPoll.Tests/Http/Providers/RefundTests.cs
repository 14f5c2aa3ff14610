using System.Text;
using System.Text.Json.Nodes;
using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.PhonePe;
using LongPoll.Sandbox.Stripe;
using Xunit;

namespace LongPoll.Tests.Http.Providers;

/// <summary>Money that goes back: an amount of its own that only grows, and never a status.</summary>
public abstract class RefundTests(ServerWorld world)
{
    private const string AdminKey = "development-only-admin-key-development-only";

    [Fact]
    public async Task Stripe_RefundInTwoParts_GrowsAndIsAnnounced()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var order = await stripe.PlaceAsync(shop);
        var transaction = "pi_refund_" + order.Id;
        (await stripe.Paid(order, transaction).PostTo(shop)).AssertResult("applied");
        var paid = await shop.ReadAsync(order);
        var page = stripe.As(order, PageState.Paid, transaction);
        var waiting = shop.WaitAsync(order, $"timeout=30&since={paid.Version}");
        await shop.ParkedAsync(1);

        var first = PretendStripe.Seal(StripeWire.Refunded(page, 10000));
        (await first.PostTo(shop)).AssertResult("applied");

        var woken = (await waiting).AssertView("completed", "notified");
        Assert.Equal(100.00m, Refunded(woken));
        Assert.Equal(paid.Version + 1, woken.Version);
        (await first.PostTo(shop)).AssertResult("duplicate");
        (await PretendStripe.Seal(StripeWire.Refunded(page, 30000)).PostTo(shop)).AssertResult("applied");

        // The first part, overtaken and told again: the sum never shrinks.
        (await first.PostTo(shop)).AssertResult("duplicate");
        var last = (await shop.ReadAsync(order)).AssertView("completed");
        Assert.Equal(300.00m, Refunded(last));
        Assert.Equal(paid.Json.GetProperty("bookingReference").GetString(), last.Json.GetProperty("bookingReference").GetString());
        Assert.Equal(2, await world.CountAsync("refunds", order.Id));
    }

    [Fact]
    public async Task Stripe_RefundToldManyTimesAtOnce_CountsOnce()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var order = await stripe.PlaceAsync(shop);
        (await stripe.Paid(order, "pi_once_" + order.Id).PostTo(shop)).AssertResult("applied");
        var letter = PretendStripe.Seal(StripeWire.Refunded(stripe.As(order, PageState.Paid, "pi_once_" + order.Id), 10000));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => letter.PostTo(shop)));

        Assert.Equal(1, answers.Count(a => a.Result == "applied"));
        Assert.Equal(100.00m, Refunded(await shop.ReadAsync(order)));
    }

    [Fact]
    public async Task Stripe_RefundOvertakesThePayment_IsKeptUntilItIsKnown()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var order = await stripe.PlaceAsync(shop);
        var transaction = "pi_early_" + order.Id;

        (await PretendStripe.Seal(StripeWire.Refunded(stripe.As(order, PageState.Paid, transaction), 30000)).PostTo(shop)).AssertResult("unmatched");
        (await stripe.Paid(order, transaction).PostTo(shop)).AssertResult("applied");

        var seen = await Until.ValueAsync(() => shop.ReadAsync(order), a => Refunded(a) > 0);
        Assert.Equal((300.00m, "completed"), (Refunded(seen), seen.PaymentStatus));
    }

    [Fact]
    public async Task Stripe_RefundOfASecondPayment_IsNotTheOrders()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var order = await stripe.PlaceAsync(shop);
        (await stripe.Paid(order, "pi_first_" + order.Id).PostTo(shop)).AssertResult("applied");
        (await stripe.Paid(order, "pi_second_" + order.Id).PostTo(shop)).AssertResult("review");

        var answer = await PretendStripe.Seal(StripeWire.Refunded(stripe.As(order, PageState.Paid, "pi_second_" + order.Id), 30000)).PostTo(shop);

        Assert.True(answer.Result is "ignored" or "unmatched", answer.ToString());
        Assert.Equal(0m, Refunded(await shop.ReadAsync(order)));
    }

    [Fact]
    public async Task Stripe_DisputeCallsAPerson_AndCountsOnceItIsLost()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings, ("Logging:LogLevel:Default", "Information"), ("Logging:Console:LogLevel:Default", "None")]);
        using var log = LogCapture.On(shop);
        var order = await stripe.PlaceAsync(shop);
        (await stripe.Paid(order, "pi_dispute_" + order.Id).PostTo(shop)).AssertResult("applied");
        var page = stripe.As(order, PageState.Paid, "pi_dispute_" + order.Id);

        (await PretendStripe.Seal(StripeWire.Dispute("charge.dispute.created", page, "needs_response")).PostTo(shop)).AssertResult("ignored");
        await log.HasAsync($"ALARM the buyer of order {order.Id} disputes the payment");
        Assert.Equal(0m, Refunded(await shop.ReadAsync(order)));
        (await PretendStripe.Seal(StripeWire.Dispute("charge.dispute.closed", page, "lost")).PostTo(shop)).AssertResult("applied");

        Assert.Equal(300.00m, Refunded((await shop.ReadAsync(order)).AssertView("completed")));
    }

    [Fact]
    public async Task PhonePe_RefundIsBelievedOncePhonePeBearsItOut()
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: true);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        var order = await phonePe.PlaceAsync(shop);
        phonePe.Tell(order, PretendProvider.NewTransaction());
        (await shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");
        var refund = "R" + phonePe.PageOf(order).Id;
        phonePe.TellRefund(order, refund, 12050);

        // The message says 200.00; PhonePe, asked, says 120.50.
        var letter = PretendPhonePe.Hook(PhonePeWire.Refunded(phonePe.PageOf(order), refund, 20000));
        (await letter.PostTo(shop)).AssertResult("unconfirmed");

        var seen = await Until.ValueAsync(() => shop.ReadAsync(order), a => Refunded(a) > 0);
        Assert.Equal((120.50m, "completed"), (Refunded(seen), seen.PaymentStatus));
        (await letter.PostTo(shop)).AssertResult("duplicate");
    }

    [Fact]
    public async Task PhonePe_RefundThatPhonePeDoesNotKnow_IsNotBelieved()
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: true);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        var order = await phonePe.PlaceAsync(shop);
        phonePe.Tell(order, PretendProvider.NewTransaction());
        (await shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");

        (await PretendPhonePe.Hook(PhonePeWire.Refunded(phonePe.PageOf(order), "RFORGED", 30000)).PostTo(shop)).AssertResult("unconfirmed");
        await Until.ValueAsync(() => world.CountAsync("outbox", order.Id), found => found >= 1);

        Assert.Equal(0m, Refunded(await shop.ReadAsync(order)));
    }

    [Fact]
    public async Task Mpesa_ReversalIsMarkedByAPerson_OncePerReceipt()
    {
        await using var shop = await world.StartAsync();
        var order = await shop.PlaceAsync();
        (await MarkAsync(shop, order, "UKLREV1", 100)).AssertProblem(409);
        await shop.PaidAsync(order);
        var paid = await shop.ReadAsync(order);

        (await shop.PostAsync($"/admin/orders/{order.Id}/refunds", Body("UKLREV1", 100, "buyer cancelled"))).AssertProblem(401);
        (await MarkAsync(shop, order, "UKLREV1", 0)).AssertProblem(400);
        (await MarkAsync(shop, order, "UKLREV1", 301)).AssertProblem(400);
        (await MarkAsync(shop, order, "", 100)).AssertProblem(400);
        (await MarkAsync(shop, order, "UKLREV1", 100, reason: "")).AssertProblem(400);

        var marked = (await MarkAsync(shop, order, "UKLREV1", 100)).AssertView("completed");
        Assert.Equal(100.00m, Refunded(marked));
        Assert.True(marked.Version > paid.Version);
        Assert.Equal(marked.Bytes, (await MarkAsync(shop, order, "UKLREV1", 100)).Bytes);
        Assert.Equal(300.00m, Refunded(await MarkAsync(shop, order, "UKLREV2", 200)));
    }

    [Fact]
    public async Task Mpesa_RefundNotedAtTheWrongOrder_IsRefusedAtTheRightOne()
    {
        await using var shop = await world.StartAsync();
        var (wrong, right) = (await shop.PlaceAsync(), await shop.PlaceAsync());
        await shop.PaidAsync(wrong);
        await shop.PaidAsync(right);
        var name = "UKL" + wrong.Id;
        (await MarkAsync(shop, wrong, name, 100)).AssertView("completed");

        (await MarkAsync(shop, right, name, 100)).AssertProblem(409);

        Assert.Equal(0m, Refunded(await shop.ReadAsync(right)));
    }

    [Fact]
    public async Task PhonePe_PaymentPassedOffAsItsOwnRefund_IsNoRefund()
    {
        await using var phonePe = await PretendPhonePe.StartAsync(v2: true);
        await using var shop = await world.StartAsync([.. phonePe.Settings]);
        var order = await phonePe.PlaceAsync(shop);
        phonePe.Tell(order, PretendProvider.NewTransaction());
        (await shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");

        var answer = await PretendPhonePe.Hook(PhonePeWire.Refunded(phonePe.PageOf(order), phonePe.PageOf(order).Reference, 30000)).PostTo(shop);

        Assert.Equal("ignored", answer.Result);
        Assert.Equal(0m, Refunded(await shop.ReadAsync(order)));
    }

    [Fact]
    public async Task FullRefund_VoidsTheTicketsThatAreUnused()
    {
        await using var shop = await world.StartAsync(("Fulfilment:Enabled", "true"));
        var order = await shop.PlaceAsync();
        await shop.PaidAsync(order);
        await Until.ValueAsync(() => shop.ReadAsync(order), static a => a.Json.GetProperty("fulfilment").GetString() == "completed");
        Assert.Equal("unused", await TicketAsync(shop, order));

        (await MarkAsync(shop, order, "PART" + order.Id, 100)).AssertView("completed");
        Assert.Equal("unused", await TicketAsync(shop, order));
        (await MarkAsync(shop, order, "REST" + order.Id, 200)).AssertView("completed");

        Assert.Equal("void", await TicketAsync(shop, order));
    }

    [Fact]
    public async Task FullRefundThatOvertakesThePayment_NoTicketStaysGood()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings, ("Fulfilment:Enabled", "true")]);
        var order = await stripe.PlaceAsync(shop);
        var transaction = "pi_void_" + order.Id;
        (await PretendStripe.Seal(StripeWire.Refunded(stripe.As(order, PageState.Paid, transaction), 30000)).PostTo(shop)).AssertResult("unmatched");

        (await stripe.Paid(order, transaction).PostTo(shop)).AssertResult("applied");

        await Until.ValueAsync(() => shop.ReadAsync(order), static a => Refunded(a) > 0 && a.Json.GetProperty("fulfilment").GetString() == "completed");
        Assert.Equal("void", await TicketAsync(shop, order));
    }

    private static async Task<string?> TicketAsync(Shop shop, Placed order)
    {
        var wallet = await shop.GetAsync($"/orders/{order.Id}/tickets", ("Authorization", "Bearer " + order.Token));
        return wallet.AssertStatus(200).Json.GetProperty("tickets")[0].GetProperty("status").GetString();
    }

    private static decimal Refunded(Answer view) => view.Json.GetProperty("refundedAmount").GetDecimal();

    private static Task<Answer> MarkAsync(Shop shop, Placed order, string refundId, decimal amount, string reason = "reversed at Safaricom") =>
        shop.PostAsync($"/admin/orders/{order.Id}/refunds", Body(refundId, amount, reason), ("X-Admin-Key", AdminKey));

    private static byte[] Body(string refundId, decimal amount, string reason) =>
        Encoding.UTF8.GetBytes(new JsonObject { ["refundId"] = refundId, ["amount"] = amount, ["reason"] = reason }.ToJsonString());
}
