using System.Text;
using System.Text.Json.Nodes;
using LongPoll.Sandbox.PayHero;
using LongPoll.Server.Payments;
using LongPoll.Tests.Contracts;
using LongPoll.Tests.Http;
using LongPoll.Tests.Storage;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>
/// Money that goes to the money inbox calls a person: one Error line with the event id of its kind, and one count of that
/// kind, however often the provider repeats itself.
/// </summary>
public sealed class MoneyAlarmTests(SqliteStores stores) : IClassFixture<SqliteStores>
{
    [Theory]
    [InlineData("Amount", "299")]
    [InlineData("Amount", "300.5")]
    [InlineData("currency", "\"TZS\"")]
    public async Task WrongAmountOrCurrency(string field, string value)
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = await nodes.First.PlaceAsync(Drafts.Order(at: nodes.Now));
        var push = nodes.Push(order);
        var flat = field == "currency";
        var body = JsonNode.Parse(flat ? PayHeroWire.ShapeB(push, Shop.Paid()) : PayHeroWire.ShapeA(push, Shop.Paid()))!;
        (flat ? body : body["response"]!)[field] = JsonNode.Parse(value);
        var bytes = Encoding.UTF8.GetBytes(body.ToJsonString());

        Assert.Equal("review", await nodes.First.CallbackAsync(push, bytes));
        Assert.Equal("review", await nodes.Second.CallbackAsync(push, bytes));

        AssertAlarm(nodes, 101, "wrong_amount", order);
    }

    [Fact]
    public async Task SecondPayment()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var order = await nodes.First.PlaceAsync(Drafts.Order(at: nodes.Now));
        Assert.Equal("applied", await nodes.First.CallbackAsync(nodes.Push(order), PayHeroWire.ShapeA(nodes.Push(order), Shop.Paid())));
        Assert.Empty(nodes.AlarmLines);
        var second = PayHeroWire.ShapeA(nodes.Push(order), Shop.Paid());

        Assert.Equal("review", await nodes.Second.CallbackAsync(nodes.Push(order), second));
        await nodes.First.CallbackAsync(nodes.Push(order), second);

        AssertAlarm(nodes, 104, "second_payment", order);
    }

    [Fact]
    public async Task TransactionOfAnotherOrder()
    {
        await using var nodes = await TwoPaymentNodes.StartAsync(stores);
        var first = await nodes.First.PlaceAsync(Drafts.Order(at: nodes.Now));
        var other = await nodes.First.PlaceAsync(Drafts.Order(at: nodes.Now));
        var outcome = Shop.Paid();
        Assert.Equal("applied", await nodes.First.CallbackAsync(nodes.Push(first), PayHeroWire.ShapeA(nodes.Push(first), outcome)));

        Assert.Equal("review", await nodes.First.CallbackAsync(nodes.Push(other), PayHeroWire.ShapeA(nodes.Push(other), outcome)));

        AssertAlarm(nodes, 105, "transaction_used", other);
    }

    private static void AssertAlarm(TwoPaymentNodes nodes, int eventId, string kind, Order order)
    {
        var line = Assert.Single(nodes.AlarmLines);
        Assert.Equal((LogLevel.Error, eventId), (line.Level, line.EventId));
        Assert.Contains(order.OrderId.ToString(), line.Text, StringComparison.Ordinal);
        Assert.Equal([kind], nodes.AlarmsCounted);
    }
}
