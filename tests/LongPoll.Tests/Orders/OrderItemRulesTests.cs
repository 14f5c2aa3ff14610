using System.Globalization;
using LongPoll.Server.Orders;
using LongPoll.Server.Providers;
using LongPoll.Tests.Providers.PayHero;
using Xunit;

namespace LongPoll.Tests.Orders;

/// <summary>What is bought: quantities, prices and seats at their edges.</summary>
public sealed class OrderItemRulesTests : IAsyncDisposable
{
    private readonly PayHeroAccount _account = new("http://127.0.0.1:9");
    private readonly OrderRules _rules;

    public OrderItemRulesTests() => _rules = new OrderRules(new PaymentProviders([_account.Provider]));

    [Theory]
    [InlineData(1, true)]
    [InlineData(50, true)]
    [InlineData(null, false)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(51, false)]
    [InlineData(int.MaxValue, false)]
    public void Check_Quantity(int? quantity, bool right)
    {
        var errors = Check(new ItemRequest("Regular", quantity, 1, null));

        Assert.Equal(right, errors.Count == 0);
        Assert.Equal(!right, errors.ContainsKey("items[0].quantity"));
    }

    [Theory]
    [InlineData("1", null)]
    [InlineData("250000", null)]
    [InlineData("1.00", null)]
    [InlineData("0", "items")]
    [InlineData("250001", "items")]
    [InlineData("10000000", "items")]
    [InlineData("-1", "items[0].unitPrice")]
    [InlineData("0.5", "items[0].unitPrice")]
    [InlineData("1.001", "items[0].unitPrice")]
    [InlineData("10000001", "items[0].unitPrice")]
    [InlineData("79228162514264337593543950335", "items[0].unitPrice")]
    [InlineData(null, "items[0].unitPrice")]
    public void Check_Price(string? price, string? field)
    {
        var errors = Check(new ItemRequest("Regular", 1, price is null ? null : decimal.Parse(price, CultureInfo.InvariantCulture), null));

        Assert.Equal(field is null, errors.Count == 0);
        Assert.True(field is null || errors.ContainsKey(field), string.Join(' ', errors.Keys));
    }

    [Fact]
    public void Check_Cents_AreRefusedInWordsOfTheirOwn() =>
        Assert.Contains("whole units", Assert.Single(Check(new ItemRequest("Regular", 1, 10.5m, null))["items[0].unitPrice"]), StringComparison.Ordinal);

    [Fact]
    public void Check_Total_IsWhatTheProviderTakesAtOnceAndNoMore()
    {
        Assert.Empty(Check(new ItemRequest("A", 25, 4000, null), new ItemRequest("B", 24, 6250, null)));
        Assert.Equal(["items"], Check(new ItemRequest("A", 25, 4000, null), new ItemRequest("B", 24, 6250, null), new ItemRequest("C", 1, 1, null)).Keys);
    }

    [Theory]
    [InlineData(50, 1, true)]
    [InlineData(51, 1, false)]
    [InlineData(25, 2, true)]
    [InlineData(17, 3, false)]
    public void Check_Units_AreFiftyInAll(int lines, int quantity, bool right)
    {
        var errors = Check([.. Enumerable.Range(0, lines).Select(_ => new ItemRequest("Regular", quantity, 1, null))]);

        Assert.Equal(right ? [] : ["items"], errors.Keys);
    }

    [Fact]
    public void Check_NoItems_IsToldOnce()
    {
        Assert.Equal(["items"], Check().Keys);
        Assert.Equal(["items"], _rules.Check(Order(null)).Errors.Keys);
    }

    [Fact]
    public void Check_LineThatIsNone_IsToldByItsPlace() =>
        Assert.Equal(["items[1]"], _rules.Check(Order([new ItemRequest("A", 1, 1, null), null])).Errors.Keys);

    [Theory]
    [InlineData("A1|A2", true)]
    [InlineData("", true)]
    [InlineData("A1", false)]
    [InlineData("A1|A2|A3", false)]
    [InlineData("A1|A1", false)]
    [InlineData("A1| A1 ", false)]
    [InlineData("A1|a1", true)]
    [InlineData("A1|  ", false)]
    [InlineData("A1|A\u00012", false)]
    [InlineData("A1|12345678901234567890123456789012", true)]
    [InlineData("A1|123456789012345678901234567890123", false)]
    public void Check_SeatsOfTwo(string seats, bool right)
    {
        var errors = Check(new ItemRequest("Regular", 2, 1, seats.Split('|', StringSplitOptions.RemoveEmptyEntries)));

        Assert.Equal(right ? [] : ["items[0].seats"], errors.Keys);
    }

    [Fact]
    public void Check_SeatNamedByTwoLines_IsToldOfTheSecond() =>
        Assert.Equal(["items[1].seats"], Check(new ItemRequest("A", 1, 1, ["A1"]), new ItemRequest("B", 1, 1, ["A1"])).Keys);

    [Fact]
    public void Check_SeveralThingsWrongWithOneField_AreAllTold() =>
        Assert.Equal(2, Check(new ItemRequest("Regular", 2, 1, ["A1", "A1", "A2"]))["items[0].seats"].Length);

    public ValueTask DisposeAsync() => _account.DisposeAsync();

    private Dictionary<string, string[]> Check(params ItemRequest?[] items) => _rules.Check(Order(items)).Errors;

    private static CreateOrderRequest Order(IReadOnlyList<ItemRequest?>? items) => new()
    {
        Customer = new CustomerRequest("tom@example.com", "Tom", null, null, "0712345938"),
        Items = items,
        Currency = "KES",
    };
}
