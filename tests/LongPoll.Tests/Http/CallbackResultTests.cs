using System.Text;
using System.Text.Json.Nodes;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The ladder: what a claim of money must have, and what becomes of money that fits nowhere.</summary>
public abstract class CallbackResultTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "48")]
    [Trait("Acceptance", "67")]
    [Trait("Acceptance", "75")]
    [Trait("Acceptance", "76")]
    public async Task Callback_ToldAgain_IsADuplicateWithTheSameBooking()
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var outcome = Shop.Paid();
        var first = await world.Shop.CallbackAsync(push, PayHeroWire.ShapeA(push, outcome));
        var version = (await world.Shop.ReadAsync(order)).Version;

        foreach (var shape in (CallbackShape[])[CallbackShape.A, CallbackShape.B, CallbackShape.Daraja])
        {
            var again = (await world.Shop.CallbackAsync(push, PayHeroWire.Callback(shape, push, outcome))).AssertResult("duplicate");
            Assert.Equal(first.Json.GetProperty("bookingReference").GetString(), again.Json.GetProperty("bookingReference").GetString());
            Assert.Equal(order.Id, again.Json.GetProperty("orderId").GetString());
        }

        // The same money without its receipt is the same money.
        (await world.Shop.CallbackAsync(push, PayHeroWire.ShapeA(push, outcome with { Receipt = null }))).AssertResult("duplicate");
        Assert.Equal(version, (await world.Shop.ReadAsync(order)).Version);
        Assert.Equal(1, await world.CountAsync("payments", order.Id));
    }

    [Theory]
    [InlineData(299)]
    [InlineData(301)]
    [InlineData(0)]
    [InlineData(30000)]
    public async Task Callback_WrongAmount_IsForReview(long amount)
    {
        foreach (var shape in Enum.GetValues<CallbackShape>())
        {
            var order = await world.Shop.PlaceAsync();
            var push = world.Shop.Push(order);
            var body = PayHeroWire.Callback(shape, push with { Amount = amount }, Shop.Paid());

            (await world.Shop.CallbackAsync(push, body)).AssertResult("review");

            await AssertUnderReviewAsync(order);
            (await world.Shop.CallbackAsync(push, body)).AssertResult("review");
            Assert.Equal(1, await world.CountAsync("money_inbox", order.Id));
        }
    }

    [Fact]
    public async Task Callback_WrongCurrency_IsForReview()
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var body = JsonNode.Parse(PayHeroWire.ShapeB(push, Shop.Paid()))!;
        body["currency"] = "TZS";

        (await world.Shop.CallbackAsync(push, Encoding.UTF8.GetBytes(body.ToJsonString()))).AssertResult("review");

        await AssertUnderReviewAsync(order);
    }

    [Theory]
    [Trait("Acceptance", "77")]
    [InlineData(CallbackShape.A)]
    [InlineData(CallbackShape.B)]
    public async Task Callback_SuccessWithoutAReceipt_IsAskedAboutAndThenCounts(CallbackShape shape)
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var asked = new TaskCompletionSource();
        world.PayHero.Tell(push, "SUCCESS", "UKLASKED" + shape, asked.Task);
        var waiting = world.Shop.WaitAsync(order);
        await world.Shop.ParkedAsync(1);

        (await world.Shop.CallbackAsync(push, PayHeroWire.Callback(shape, push, Shop.Paid() with { Receipt = null }))).AssertResult("unconfirmed");

        (await world.Shop.ReadAsync(order)).AssertView("processing");
        asked.SetResult();
        var view = (await waiting).AssertView("completed", "notified").Json;
        Assert.Equal("UKLASKED" + shape, view.GetProperty("receipt").GetString());
        Assert.Equal(1, await world.CountAsync("payments", order.Id));
    }

    [Theory]
    [InlineData("ResultCode", null)]
    [InlineData("Amount", null)]
    [InlineData("Status", "Failed")]
    [InlineData("ExternalReference", "SOMEBODY-P1")]
    [InlineData("CheckoutRequestID", "ws_CO_somebody")]
    public async Task Callback_SuccessThatContradictsItself_IsNotBelieved(string field, string? value)
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var body = JsonNode.Parse(PayHeroWire.ShapeA(push, Shop.Paid()))!;
        body["response"]![field] = value;

        (await world.Shop.CallbackAsync(push, Encoding.UTF8.GetBytes(body.ToJsonString()))).AssertResult("unconfirmed");

        (await world.Shop.ReadAsync(order)).AssertView("processing");
        await Until.TrueAsync(() => world.PayHero.Asked(push) > 0);
        (await world.Shop.ReadAsync(order)).AssertView("processing");
    }

    [Fact]
    public async Task Callback_FailureAfterPayment_DoesNotUndoIt()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.PaidAsync(order);
        var paid = await world.Shop.ReadAsync(order);

        foreach (var late in (PaymentOutcome[])[Shop.Cancelled(), Shop.Failed(1, "no money"), Shop.Failed(1037, "unreachable"), Shop.Failed(2001, "PIN")])
        {
            (await world.Shop.TellAsync(order, late)).AssertResult("ignored");
        }

        Assert.Equal(paid.Text, (await world.Shop.ReadAsync(order)).Text);
    }

    [Theory]
    [Trait("Acceptance", "77")]
    [InlineData(1032, "Request Cancelled by user.")]
    [InlineData(1, "The balance is insufficient for the transaction.")]
    [InlineData(1037, "DS timeout user cannot be reached.")]
    [InlineData(1019, "Transaction has expired")]
    public async Task Callback_SuccessAfterAFailure_Counts(int code, string description)
    {
        var order = await world.Shop.PlaceAsync();
        (await world.Shop.TellAsync(order, Shop.Failed(code, description))).AssertResult("applied");
        var ended = await world.Shop.ReadAsync(order);
        var waiting = world.Shop.WaitAsync(order, $"since={ended.Version}");
        await world.Shop.ParkedAsync(1);

        await world.Shop.PaidAsync(order);

        var view = (await waiting).AssertView("completed");
        Assert.True(view.Version > ended.Version);
        Assert.Equal(System.Text.Json.JsonValueKind.Null, view.Json.GetProperty("reason").ValueKind);
        Assert.Equal(1, await world.CountAsync("bookings", order.Id));
    }

    [Fact]
    public async Task Callback_OldAttemptFails_DoesNotMoveTheRetriedOrder()
    {
        var order = await world.Shop.PlaceAsync();
        var old = world.Shop.Push(order);
        await world.Shop.TellAsync(order, Shop.Cancelled());
        var again = (await world.Shop.PayAsync(order)).AssertView("processing");

        (await world.Shop.CallbackAsync(old, PayHeroWire.ShapeA(old, Shop.Failed(1, "no money")))).AssertResult("ignored");

        Assert.Equal(again.Text, (await world.Shop.ReadAsync(order)).Text);
    }

    [Fact]
    [Trait("Acceptance", "66")]
    public async Task Callback_OldAttemptIsPaid_CountsAndTheSecondPaymentIsForReview()
    {
        var order = await world.Shop.PlaceAsync();
        var old = world.Shop.Push(order);
        await world.Shop.TellAsync(order, Shop.Cancelled());
        await world.Shop.PayAsync(order);
        var current = world.Shop.Push(order);
        var first = Shop.Paid();

        (await world.Shop.CallbackAsync(old, PayHeroWire.ShapeA(old, first))).AssertResult("applied");
        var paid = (await world.Shop.ReadAsync(order)).AssertView("completed");
        (await world.Shop.CallbackAsync(current, PayHeroWire.ShapeA(current, Shop.Paid()))).AssertResult("review");

        var view = (await world.Shop.ReadAsync(order)).AssertView("completed").Json;
        Assert.Equal(first.Receipt, view.GetProperty("receipt").GetString());
        Assert.Equal(paid.Json.GetProperty("bookingReference").GetString(), view.GetProperty("bookingReference").GetString());
        Assert.Equal((1, 1, 1), (await world.CountAsync("payments", order.Id), await world.CountAsync("bookings", order.Id), await world.CountAsync("money_inbox", order.Id)));
    }

    [Fact]
    public async Task Callback_OtherReceiptForAPaidAttempt_IsASecondPayment()
    {
        var order = await world.Shop.PlaceAsync();
        var receipt = await world.Shop.PaidAsync(order);

        (await world.Shop.TellAsync(order, Shop.Paid())).AssertResult("review");

        Assert.Equal(receipt, (await world.Shop.ReadAsync(order)).AssertView("completed").Json.GetProperty("receipt").GetString());
        Assert.Equal(1, await world.CountAsync("payments", order.Id));
    }

    [Fact]
    [Trait("Acceptance", "69")]
    [Trait("Acceptance", "70")]
    public async Task Callback_SameReceiptForTwoOrders_PaysOne()
    {
        var first = await world.Shop.PlaceAsync();
        var second = await world.Shop.PlaceAsync();
        var outcome = Shop.Paid();

        (await world.Shop.TellAsync(first, outcome)).AssertResult("applied");
        (await world.Shop.TellAsync(second, outcome)).AssertResult("review");

        Assert.Equal(0, await world.CountAsync("payments", second.Id));
        (await world.Shop.ReadAsync(first)).AssertView("completed");
        Assert.NotEqual("completed", (await world.Shop.ReadAsync(second)).PaymentStatus);
    }

    [Fact]
    public async Task Callback_ForNobody_IsKeptAsUnmatched()
    {
        var order = await world.Shop.PlaceAsync();
        var stranger = world.Shop.Push(order) with { ExternalReference = "NOBODY-P1", CheckoutRequestId = "ws_CO_nobody", Reference = "NOREF" };
        var stored = await world.CountAsync("callbacks");

        foreach (var shape in Enum.GetValues<CallbackShape>())
        {
            var answer = await world.Shop.PostAsync($"/payhero/callback/{ServerWorld.CallbackToken}", PayHeroWire.Callback(shape, stranger, Shop.Paid()));
            Assert.False(answer.AssertResult("unmatched").Json.TryGetProperty("orderId", out _));
        }

        Assert.Equal(stored + 3, await world.CountAsync("callbacks"));
    }

    private async Task AssertUnderReviewAsync(Placed order)
    {
        var view = (await world.Shop.ReadAsync(order)).Json;
        Assert.NotEqual("completed", view.GetProperty("paymentStatus").GetString());
        Assert.Equal("under_review", view.GetProperty("reason").GetString());
        Assert.False(view.GetProperty("safeToRetry").GetBoolean());
        Assert.Equal((0, 0, 1), (await world.CountAsync("payments", order.Id), await world.CountAsync("bookings", order.Id), await world.CountAsync("money_inbox", order.Id)));
    }
}
