using LongPoll.Server.Orders;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;
using LongPoll.Tests.Providers.PayHero;
using Xunit;

namespace LongPoll.Tests.Orders;

/// <summary>The rules of an order, at their edges: what is just right, what is just wrong, and under which name it is told.</summary>
public sealed class OrderRulesTests : IAsyncDisposable
{
    private readonly PayHeroAccount _account = new("http://127.0.0.1:9");
    private readonly OrderRules _rules;

    public OrderRulesTests() => _rules = new OrderRules(new PaymentProviders([_account.Provider]));

    [Fact]
    public void Check_PlainOrder_IsADraftWithDefaults()
    {
        var (draft, errors) = _rules.Check(Order());

        Assert.Empty(errors);
        Assert.Equal(("payhero", new Money(30_000, "KES"), TimeSpan.FromMinutes(15)), (draft!.Provider, draft.Total, draft.Lifetime));
        Assert.Equal(("tom@example.com", "Tom", "", "", "254712345938"), (draft.Customer.Email, draft.Customer.FirstName, draft.Customer.LastName, draft.Customer.Country, draft.Customer.Phone));
        Assert.Null(draft.Event);
    }

    [Fact]
    public void Check_TypedCarelessly_IsCleanedUp()
    {
        var (draft, _) = _rules.Check(Order() with
        {
            Currency = " kes ",
            Provider = " PayHero ",
            Customer = new CustomerRequest(" Tom@Example.COM ", " Tom ", " Mboya ", " Kenya ", " 0712 345-938 "),
        });

        Assert.Equal(("payhero", "KES"), (draft!.Provider, draft.Total.Currency));
        Assert.Equal(("tom@example.com", "Tom", "Mboya", "Kenya", "254712345938"), (draft.Customer.Email, draft.Customer.FirstName, draft.Customer.LastName, draft.Customer.Country, draft.Customer.Phone));
    }

    [Theory]
    [InlineData(59, false)]
    [InlineData(60, true)]
    [InlineData(86_400, true)]
    [InlineData(86_401, false)]
    [InlineData(int.MinValue, false)]
    public void Check_Lifetime(int seconds, bool right)
    {
        var (draft, _) = Holds(Order() with { ExpiresIn = seconds }, right, "expiresIn");
        Assert.Equal(right ? TimeSpan.FromSeconds(seconds) : null, draft?.Lifetime);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("payhero", true)]
    [InlineData("", false)]
    [InlineData("stripe", false)]
    [InlineData("pay hero", false)]
    public void Check_Provider(string? name, bool right) => Holds(Order() with { Provider = name }, right, "provider");

    [Theory]
    [InlineData("KES", true)]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("KSH", false)]
    [InlineData("USD", false)]
    [InlineData("KESX", false)]
    public void Check_Currency(string? code, bool right) => Holds(Order() with { Currency = code }, right, "currency");

    [Theory]
    [InlineData("a@b.co", true)]
    [InlineData("first.last+tag@mail.example.com", true)]
    [InlineData(null, false)]
    [InlineData("  ", false)]
    [InlineData("tom", false)]
    [InlineData("tom@", false)]
    [InlineData("@example.com", false)]
    [InlineData("tom@localhost", false)]
    [InlineData("tom@example..com", false)]
    [InlineData("Tom <tom@example.com>", false)]
    [InlineData("\"tom\"@example.com", false)]
    [InlineData("tom@[10.0.0.1]", false)]
    [InlineData("tom(x)@example.com", false)]
    [InlineData("a@example.com,b@example.com", false)]
    [InlineData("a@example.com;b@example.com", false)]
    [InlineData("tom\\@example.com", false)]
    [InlineData("mailto:tom@example.com", false)]
    [InlineData("tom@exämple.com", false)]
    [InlineData("tom@example.com\r\nBcc: x@example.com", false)]
    public void Check_Email(string? email, bool right) => Holds(Order(email: email), right, "customer.email");

    [Theory]
    [InlineData(254, true)]
    [InlineData(255, false)]
    public void Check_EmailLength(int length, bool right)
    {
        const string domain = "@mail.example.com";
        Holds(Order(email: new string('a', length - domain.Length) + domain), right, "customer.email");
    }

    [Theory]
    [InlineData("customer.firstName", true)]
    [InlineData("customer.lastName", false)]
    [InlineData("customer.country", false)]
    [InlineData("event.name", true)]
    [InlineData("event.id", false)]
    [InlineData("event.venue", false)]
    [InlineData("event.organizerEmail", false)]
    [InlineData("items[0].name", true)]
    public void Check_Text(string field, bool required)
    {
        Holds(With(field, null), !required, field);
        Holds(With(field, ""), !required, field);
        Holds(With(field, " "), !required, field);
        Holds(With(field, new string('ä', 200)), right: true, field);
        Holds(With(field, new string('ä', 201)), right: false, field);
        Holds(With(field, "a\u0000b"), right: false, field);
        Holds(With(field, "a\nb"), right: false, field);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("Africa/Nairobi", true)]
    [InlineData("Nairobi", false)]
    [InlineData("", false)]
    public void Check_TimeZone(string? zone, bool right) =>
        Holds(Order() with { Event = new EventRequest(null, "Jazz", null, zone, null, null) }, right, "event.timeZone");

    [Fact]
    public void Check_NothingAtAll_TellsEveryMissingField() =>
        Assert.Equal(["currency", "customer", "items"], _rules.Check(new CreateOrderRequest()).Errors.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Check_EmptyCustomer_TellsEveryMissingField() => Assert.Equal(
        ["customer.email", "customer.firstName", "customer.phone"],
        _rules.Check(Order() with { Customer = new CustomerRequest(null, null, null, null, null) }).Errors.Keys.Order(StringComparer.Ordinal));

    public ValueTask DisposeAsync() => _account.DisposeAsync();

    private (OrderDraft? Draft, Dictionary<string, string[]> Errors) Holds(CreateOrderRequest request, bool right, string field)
    {
        var result = _rules.Check(request);
        Assert.Equal(right ? [] : [field], result.Errors.Keys);
        Assert.Equal(right, result.Draft is not null);
        Assert.All(result.Errors.Values, whys => Assert.All(whys, why => Assert.EndsWith(".", why, StringComparison.Ordinal)));
        return result;
    }

    private static CreateOrderRequest With(string field, string? text) => field switch
    {
        "customer.firstName" => Order() with { Customer = Customer() with { FirstName = text } },
        "customer.lastName" => Order() with { Customer = Customer() with { LastName = text } },
        "customer.country" => Order() with { Customer = Customer() with { Country = text } },
        "event.name" => Order() with { Event = new EventRequest("e-1", text, null, null, null, null) },
        "event.id" => Order() with { Event = new EventRequest(text, "Jazz", null, null, null, null) },
        "event.venue" => Order() with { Event = new EventRequest("e-1", "Jazz", null, null, text, null) },
        "event.organizerEmail" => Order() with { Event = new EventRequest("e-1", "Jazz", null, null, null, text) },
        _ => Order() with { Items = [new ItemRequest(text, 2, 150, null)] },
    };

    private static CustomerRequest Customer(string? email = "tom@example.com") => new(email, "Tom", null, null, "0712345938");

    private static CreateOrderRequest Order(string? email = "tom@example.com") => new()
    {
        Customer = Customer(email),
        Items = [new ItemRequest("Regular", 2, 150, null)],
        Currency = "KES",
    };
}
