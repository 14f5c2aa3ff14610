using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.Stripe;
using LongPoll.Server.Payments;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LongPoll.Tests.Http.Providers;

/// <summary>Stripe over HTTP: the session of an order, its events, what closes it, and answers that are lost.</summary>
public abstract class StripeTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "42")]
    [Trait("Acceptance", "45")]
    public async Task Order_HasASessionOfItsOwnWhoseAddressTheBuyerGets()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings, ("PublicUrl", "https://pay.example.com")]);

        var order = await stripe.PlaceAsync(shop);

        var view = order.Answer.Json;
        var page = stripe.PageOf(order);
        Assert.Equal("processing", view.GetProperty("paymentStatus").GetString());
        Assert.EndsWith("/pay/" + page.Id, view.GetProperty("checkoutUrl").GetString(), StringComparison.Ordinal);
        Assert.Equal("Complete your payment on the provider's page", view.GetProperty("message").GetString());
        var request = Assert.Single(stripe.Requests);
        Assert.Equal("Bearer sk_test_1", request.Authorization);
        Assert.Equal("30000", request.Fields["line_items[0][price_data][unit_amount]"]);
        Assert.Equal("kes", request.Fields["line_items[0][price_data][currency]"]);
        Assert.Equal("payment", request.Fields["mode"]);
        Assert.Equal($"https://pay.example.com/payment/{order.Id}", request.Fields["success_url"]);
        Assert.Equal(order.Id, request.Fields["payment_intent_data[metadata][order_id]"]);
        Assert.NotEmpty(request.IdempotencyKey);
        Assert.DoesNotContain(order.Phone, string.Concat(request.Fields.Values), StringComparison.Ordinal);

        (await stripe.Paid(order, "pi_1_" + page.Id).PostTo(shop)).AssertResult("applied");
        Assert.Null((await shop.ReadAsync(order)).AssertView("completed").Json.GetProperty("checkoutUrl").GetString());
    }

    [Theory]
    [InlineData("JPY", 300, "300")]
    [InlineData("KWD", 300.25, "300250")]
    [InlineData("UGX", 3000, "300000")]
    [InlineData("MGA", 3000, "3000")]
    [InlineData("USD", 3.05, "305")]
    public async Task Order_InEveryCurrency_IsChargedAndPaidInStripesUnits(string currency, double price, string units)
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var body = stripe.Order();
        body["currency"] = currency;
        body["items"]![0]!["quantity"] = 1;
        body["items"]![0]!["unitPrice"] = (decimal)price;
        var answer = await shop.CreateAsync(body);
        Assert.True(answer.Status == 201, answer.Text);
        var order = new Placed(answer.Json.GetProperty("orderId").GetString()!, "", "", answer);

        Assert.Equal(units, stripe.Requests.Last().Fields["line_items[0][price_data][unit_amount]"]);
        (await stripe.Paid(order, PretendProvider.NewTransaction()).PostTo(shop)).AssertResult("applied");
        Assert.Equal((decimal)price, (await shop.ReadAsync(order)).AssertView("completed").Json.GetProperty("totalAmount").GetDecimal());
    }

    [Theory]
    [InlineData("KWD", 1.255)]
    [InlineData("UGX", 10.5)]
    [InlineData("MGA", 10.2)]
    public async Task Order_WithAPriceThatStripeCannotCharge_IsRefusedByField(string currency, double price)
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var body = stripe.Order();
        body["currency"] = currency;
        body["items"]![0]!["unitPrice"] = (decimal)price;

        var refused = (await shop.CreateAsync(body)).AssertProblem(400);

        Assert.True(refused.Json.GetProperty("errors").TryGetProperty("items[0].unitPrice", out _));
    }

    [Theory]
    [InlineData(-240, 200)]
    [InlineData(240, 200)]
    [InlineData(-360, 401)]
    [InlineData(360, 401)]
    public async Task Signature_IsGoodForAboutFiveMinutesBothWays(int ageSeconds, int status)
    {
        // To the second: StripeSignatureTests. Here time goes on while the letter is on its way.
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);

        var letter = PretendStripe.Seal("""{"type":"payment_intent.created","data":{"object":{}}}"""u8.ToArray(), age: TimeSpan.FromSeconds(ageSeconds));

        (await letter.PostTo(shop)).AssertStatus(status);
    }

    [Fact]
    public async Task Signature_OneOfSeveralIsEnoughAndBothSecretsOfARollAreTaken()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var body = """{"type":"payment_intent.created"}"""u8.ToArray();
        var time = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var (right, wrong) = (StripeWire.Mac(time, body, PretendStripe.Secret), StripeWire.Mac(time, body, "whsec_wrong"));

        foreach (var (header, status) in ((string, int)[])
            [
                ($"t={time},v1={wrong},v1={right}", 200),
                ($"t={time},v1={StripeWire.Mac(time, body, "whsec_before_it_was_rolled")}", 200),
                ($"t={time},v1={wrong},v0={right}", 401),
                ($"t={time},v0={right}", 401),
                ($"v1={right}", 401),
                ($"t={time}", 401),
                ($"t=now,v1={right}", 401),
                ("", 401),
            ])
        {
            var answer = await shop.PostAsync("/stripe/webhook", body, ("Stripe-Signature", header));
            Assert.True(answer.Status == status, $"{header}: {answer}");
        }
    }

    [Fact]
    public async Task Events_OutOfOrderOfADelayedMethod_EndWithTheMoney()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var order = await stripe.PlaceAsync(shop);
        (await Event(StripeWire.Completed, PageState.Delayed).PostTo(shop)).AssertResult("ignored");
        (await shop.ReadAsync(order)).AssertView("processing");

        (await Event(StripeWire.Succeeded, PageState.Paid, "pi_delayed_" + order.Id).PostTo(shop)).AssertResult("applied");
        (await Event(StripeWire.Completed, PageState.Delayed).PostTo(shop)).AssertResult("ignored");
        (await Event(StripeWire.AsyncFailed, PageState.Failed).PostTo(shop)).AssertResult("ignored");
        (await Event(StripeWire.Expired, PageState.Expired).PostTo(shop)).AssertResult("ignored");

        (await shop.ReadAsync(order)).AssertView("completed");
        Assert.Equal(1, await world.CountAsync("payments", order.Id));

        Letter Event(string type, PageState state, string? transaction = null) => PretendStripe.Seal(StripeWire.Event(type, stripe.As(order, state, transaction)));
    }

    [Fact]
    public async Task Event_ExpiredSession_EndsTheOrderAndMayBeTriedAgain()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var order = await stripe.PlaceAsync(shop);
        var first = stripe.PageOf(order).Id;

        (await PretendStripe.Seal(StripeWire.Event(StripeWire.Expired, stripe.As(order, PageState.Expired))).PostTo(shop)).AssertResult("applied");
        var ended = (await shop.ReadAsync(order)).AssertView("expired");
        Assert.True(ended.Json.GetProperty("safeToRetry").GetBoolean());

        var again = (await shop.PayAsync(order)).AssertView("processing");
        Assert.NotEqual(first, stripe.PageOf(order).Id);
        Assert.EndsWith(stripe.PageOf(order).Id, again.Json.GetProperty("checkoutUrl").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, stripe.Requests.Select(r => r.IdempotencyKey).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Event_InAnotherCurrency_IsForAPerson()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var order = await stripe.PlaceAsync(shop);

        (await PretendStripe.Seal(StripeWire.Event(StripeWire.Completed, stripe.As(order, PageState.Paid, "pi_usd_" + order.Id, currency: "USD"))).PostTo(shop)).AssertResult("review");

        Assert.Equal(0, await world.CountAsync("payments", order.Id));
    }

    // The address would be lost with the answer, and the buyer could never pay.
    [Fact]
    public async Task AnswerIsLost_TheSameSessionIsAskedForAgain()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var lost = 0;
        stripe.Instead = context =>
        {
            if (Interlocked.Increment(ref lost) > 1)
            {
                return Task.FromResult(false);
            }

            context.Abort();
            return Task.FromResult(true);
        };

        var order = await stripe.PlaceAsync(shop);

        Assert.NotNull(order.Answer.Json.GetProperty("checkoutUrl").GetString());
        Assert.Equal(2, stripe.Requests.Count);
        Assert.Single(stripe.Requests.Select(r => r.IdempotencyKey).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task StripeRefuses_TheOrderFailsAndMayBeTriedAgain()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        stripe.Instead = async context =>
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync("""{"error":{"code":"amount_too_small","type":"invalid_request_error","message":"private"}}""");
            return true;
        };

        var order = await stripe.PlaceAsync(shop);

        Assert.Equal(("failed", "provider_error", true), (order.Answer.PaymentStatus, order.Answer.Json.GetProperty("reason").GetString(), order.Answer.Json.GetProperty("safeToRetry").GetBoolean()));
    }

    [Fact]
    public async Task StripeIsDown_TheOrderStands_AndTheBuyerGetsThePageLater()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var down = true;
        stripe.Instead = context =>
        {
            context.Response.StatusCode = down ? 503 : 200;
            return Task.FromResult(down);
        };
        var order = await stripe.PlaceAsync(shop);
        Assert.Equal(("pending", "provider_down"), (order.Answer.PaymentStatus, order.Answer.Json.GetProperty("reason").GetString()));
        Assert.False(order.Answer.Json.GetProperty("safeToRetry").GetBoolean());
        down = false;
        var attempt = (await Orders(shop).FindAttemptsAsync(Guid.Parse(order.Id), TestContext.Current.CancellationToken))[0];

        var provider = shop.Node.Services.GetServices<LongPoll.Server.Providers.IPaymentProvider>().Single(p => p.Name == "stripe");
        var report = await provider.QueryAsync(attempt with { CreatedAt = attempt.CreatedAt.AddMinutes(-1) }, ReportSource.Query, TestContext.Current.CancellationToken);
        await shop.Node.Services.GetRequiredService<SettlePayment>().HandleAsync(report!, TestContext.Current.CancellationToken);

        var view = (await shop.ReadAsync(order)).AssertView("processing");
        Assert.EndsWith(stripe.PageOf(order).Id, view.Json.GetProperty("checkoutUrl").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Close_AnOpenSession_IsExpiredAtStripeToo()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var order = await stripe.PlaceAsync(shop);

        var report = await CloseAsync(shop, order);

        Assert.Equal((ReportedOutcome.Expired, PageState.Expired), (report!.Outcome, stripe.PageOf(order).State));
    }

    [Fact]
    public async Task Close_ASessionThatWasPaidAMomentAgo_TellsOfTheMoney()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var order = await stripe.PlaceAsync(shop);
        stripe.Tell(order, "pi_moment_" + order.Id);

        var report = await CloseAsync(shop, order);

        Assert.Equal((ReportedOutcome.Paid, "pi_moment_" + order.Id), (report!.Outcome, report.TransactionId));
    }

    [Fact]
    public async Task Close_AMethodThatTakesDays_LeavesItOpen()
    {
        await using var stripe = await PretendStripe.StartAsync();
        await using var shop = await world.StartAsync([.. stripe.Settings]);
        var order = await stripe.PlaceAsync(shop);
        stripe.Tell(order, PageState.Delayed);

        Assert.Equal(ReportedOutcome.Pending, (await CloseAsync(shop, order))!.Outcome);
    }

    private static async Task<PaymentReport?> CloseAsync(Shop shop, Placed order)
    {
        var attempt = (await Orders(shop).FindAttemptsAsync(Guid.Parse(order.Id), TestContext.Current.CancellationToken))[^1];
        return await shop.Node.Services.GetServices<LongPoll.Server.Providers.IPaymentProvider>().Single(p => p.Name == "stripe")
            .CloseAsync(attempt, TestContext.Current.CancellationToken);
    }

    private static IOrderStore Orders(Shop shop) => shop.Node.Services.GetRequiredService<IOrderStore>();
}
