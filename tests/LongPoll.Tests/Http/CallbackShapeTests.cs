using System.Text;
using System.Text.Json.Nodes;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The bodies in which a result arrives, and the codes in them.</summary>
public abstract class CallbackShapeTests(ServerWorld world)
{
    [Theory]
    [Trait("Acceptance", "35")]
    [Trait("Acceptance", "36")]
    [Trait("Acceptance", "40")]
    [InlineData(CallbackShape.A)]
    [InlineData(CallbackShape.B)]
    [InlineData(CallbackShape.Daraja)]
    public async Task Callback_Success_CompletesTheOrderWithItsReceipt(CallbackShape shape)
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var outcome = Shop.Paid();

        var told = (await world.Shop.CallbackAsync(push, PayHeroWire.Callback(shape, push, outcome))).AssertResult("applied");

        var view = (await world.Shop.ReadAsync(order)).AssertView("completed").Json;
        Assert.Equal(outcome.Receipt, view.GetProperty("receipt").GetString());
        Assert.Equal(order.Id, told.Json.GetProperty("orderId").GetString());
        Assert.Equal(view.GetProperty("bookingReference").GetString(), told.Json.GetProperty("bookingReference").GetString());
        Assert.Equal(1, await world.CountAsync("payments", order.Id));
        Assert.Equal(1, await world.CountAsync("bookings", order.Id));
        Assert.Equal(1, await world.CountAsync("callbacks", order.Id));
    }

    [Theory]
    [Trait("Acceptance", "37")]
    [Trait("Acceptance", "59")]
    [InlineData(CallbackShape.A)]
    [InlineData(CallbackShape.B)]
    [InlineData(CallbackShape.Daraja)]
    public async Task Callback_Cancel_CancelsTheOrder(CallbackShape shape)
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);

        (await world.Shop.CallbackAsync(push, PayHeroWire.Callback(shape, push, Shop.Cancelled()))).AssertResult("applied");

        var view = (await world.Shop.ReadAsync(order)).AssertView("cancelled").Json;
        Assert.Equal("cancelled_by_buyer", view.GetProperty("reason").GetString());
        Assert.True(view.GetProperty("safeToRetry").GetBoolean());
        Assert.Equal(0, await world.CountAsync("payments", order.Id));
    }

    [Theory]
    [Trait("Acceptance", "37")]
    [InlineData("1", "Cancelled by user", "cancelled", "cancelled_by_buyer")]
    [InlineData("1", "The balance is insufficient for the transaction.", "failed", "insufficient_funds")]
    [InlineData("1032", "Request cancelled by user", "cancelled", "cancelled_by_buyer")]
    [InlineData("1031", "Request canceled", "cancelled", "cancelled_by_buyer")]
    [InlineData("1037", "DS timeout user cannot be reached", "expired", "unreachable")]
    [InlineData("1019", "Transaction has expired", "expired", "prompt_expired")]
    [InlineData("2001", "The initiator information is invalid.", "failed", "wrong_pin")]
    [InlineData("1001", "Unable to lock subscriber", "failed", "busy")]
    [InlineData("26", "System busy", "failed", "busy")]
    [InlineData("17", "Internal failure", "failed", "provider_error")]
    [InlineData("9999", "Push could not be sent", "failed", "provider_error")]
    [InlineData("\"SFC_IC0003\"", "The operator does not exist.", "failed", "provider_error")]
    [InlineData("\"1032\"", "Request cancelled by user", "cancelled", "cancelled_by_buyer")]
    [InlineData("777", "Never heard of", "failed", "provider_error")]
    public async Task Callback_Failure_EndsAsItsCodeSays(string code, string description, string status, string reason)
    {
        foreach (var shape in (CallbackShape[])[CallbackShape.A, CallbackShape.Daraja])
        {
            var order = await world.Shop.PlaceAsync();
            var push = world.Shop.Push(order);
            world.PayHero.Tell(push, "QUEUED");
            var body = JsonNode.Parse(PayHeroWire.Callback(shape, push, Shop.Failed(5, description)))!;
            (shape == CallbackShape.A ? body["response"]! : body["Body"]!["stkCallback"]!)["ResultCode"] = JsonNode.Parse(code);

            (await world.Shop.CallbackAsync(push, Bytes(body))).AssertResult("applied");

            var view = (await world.Shop.ReadAsync(order)).AssertView(status).Json;
            Assert.Equal(reason, view.GetProperty("reason").GetString());
            Assert.Equal("cancelled", view.GetProperty("status").GetString());
            Assert.False(string.IsNullOrEmpty(view.GetProperty("message").GetString()));
            Assert.Equal(0, await world.CountAsync("payments", order.Id) + await world.CountAsync("bookings", order.Id));
        }
    }

    [Fact]
    public async Task Callback_StillRunning_ChangesNothing()
    {
        var order = await world.Shop.PlaceAsync();

        (await world.Shop.TellAsync(order, Shop.Failed(4999, "The transaction is still under processing"))).AssertResult("ignored");

        Assert.Equal(order.Answer.Version, (await world.Shop.ReadAsync(order)).AssertView("processing").Version);
    }

    [Fact]
    public async Task Callback_WithoutACode_ChangesNothing()
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var body = JsonNode.Parse(PayHeroWire.ShapeA(push, Shop.Cancelled()))!;
        body["response"]!.AsObject().Remove("ResultCode");

        (await world.Shop.CallbackAsync(push, Bytes(body))).AssertResult("ignored");

        (await world.Shop.ReadAsync(order)).AssertView("processing");
    }

    [Fact]
    public async Task Callback_OutboundPayment_IsNotTheOrdersMoney()
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var body = JsonNode.Parse(PayHeroWire.ShapeB(push, Shop.Paid()))!;
        body["transaction_type"] = "outbound_payment";

        (await world.Shop.CallbackAsync(push, Bytes(body))).AssertResult("ignored");

        (await world.Shop.ReadAsync(order)).AssertView("processing");
    }

    [Theory]
    [InlineData("Phone", "\"+254712345678\"")]
    [InlineData("Phone", "null")]
    [InlineData("Amount", "300.0")]
    [InlineData("Amount", "\"300\"")]
    [InlineData("ResultDesc", "null")]
    [InlineData("Unheard", "{\"of\":[1,2]}")]
    public async Task Callback_FieldsOtherwiseWritten_Counts(string field, string json)
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        var body = JsonNode.Parse(PayHeroWire.ShapeA(push, Shop.Paid()))!;
        body["response"]![field] = JsonNode.Parse(json);

        (await world.Shop.CallbackAsync(push, Bytes(body))).AssertResult("applied");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("42")]
    [InlineData("""{"Body":{"stkCallback":[]}}""")]
    [InlineData("""{"response":{"ResultCode":{}}}""")]
    [InlineData("""{"hello":"world"}""")]
    public async Task Callback_JsonThatSaysNothing_IsIgnored(string body) =>
        (await world.Shop.PostAsync($"/payhero/callback/{ServerWorld.CallbackToken}", Encoding.UTF8.GetBytes(body))).AssertResult("ignored");

    private static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());
}
