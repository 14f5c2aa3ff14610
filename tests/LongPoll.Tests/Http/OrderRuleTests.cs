using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>What an order must be. Every refusal names its field.</summary>
public abstract class OrderRuleTests(ServerWorld world)
{
    [Theory]
    [InlineData("currency", "\"XXX\"", "currency")]
    [InlineData("currency", "\"USD\"", "currency")]
    [InlineData("currency", "\"\"", "currency")]
    [InlineData("currency", "null", "currency")]
    [InlineData("provider", "\"cash\"", "provider")]
    [InlineData("provider", "\"m-pesa\"", "provider")]
    [InlineData("provider", "\"bank\"", "provider")]
    [InlineData("expiresIn", "59", "expiresIn")]
    [InlineData("expiresIn", "86401", "expiresIn")]
    [InlineData("expiresIn", "\"soon\"", "expiresIn")]
    [InlineData("customer", "null", "customer")]
    [InlineData("customer.email", "null", "customer.email")]
    [InlineData("customer.email", "\"nobody\"", "customer.email")]
    [InlineData("customer.email", "\"a@b@example.com\"", "customer.email")]
    [InlineData("customer.email", "\"a@example.com\\nBcc: b@example.com\"", "customer.email")]
    [InlineData("customer.firstName", "\"\"", "customer.firstName")]
    [InlineData("customer.firstName", "\"Te\\u0000st\"", "customer.firstName")]
    [InlineData("customer.phone", "null", "customer.phone")]
    [InlineData("event.name", "null", "event.name")]
    [InlineData("items", "null", "items")]
    [InlineData("items", "[]", "items")]
    [InlineData("items", "[null]", "items[0]")]
    [InlineData("items.0.name", "\"\"", "items[0].name")]
    [InlineData("items.0.quantity", "0", "items[0].quantity")]
    [InlineData("items.0.quantity", "-1", "items[0].quantity")]
    [InlineData("items.0.quantity", "51", "items[0].quantity")]
    [InlineData("items.0.quantity", "1.5", "items[0].quantity")]
    [InlineData("items.0.quantity", "3000000000", "items[0].quantity")]
    [InlineData("items.0.quantity", "null", "items[0].quantity")]
    [InlineData("items.0.unitPrice", "-1", "items[0].unitPrice")]
    [InlineData("items.0.unitPrice", "10.50", "items[0].unitPrice")]
    [InlineData("items.0.unitPrice", "0.001", "items[0].unitPrice")]
    [InlineData("items.0.unitPrice", "1e300", "items[0].unitPrice")]
    [InlineData("items.0.unitPrice", "10000001", "items[0].unitPrice")]
    [InlineData("items.0.unitPrice", "9000000", "items")]
    [InlineData("items.0.unitPrice", "0", "items")]
    [InlineData("items.0.seats", "[\"A1\"]", "items[0].seats")]
    [InlineData("items.0.seats", "[\"A1\",\"A1\"]", "items[0].seats")]
    [InlineData("items.0.seats", "[\"A1\",\"A2\",\"A3\"]", "items[0].seats")]
    [InlineData("items.0.seats", "[\"A1\",\"\"]", "items[0].seats")]
    [InlineData("items.0.seats", "[\"A1\",null]", "items[0].seats")]
    [InlineData("items.0.seats", "[\"A1\",\"A\\u0000\"]", "items[0].seats")]
    [InlineData("event.id", "\"a\\u0000b\"", "event.id")]
    [InlineData("event.timeZone", "\"Nowhere/Nothing\"", "event.timeZone")]
    [InlineData("event.startsAt", "\"yesterday\"", "event.startsAt")]
    public async Task CreateOrder_WrongField_Is400ByField(string path, string json, string field)
    {
        var body = Shop.Body();
        JsonNode at = body;
        var steps = path.Split('.');
        foreach (var step in steps[..^1])
        {
            at = int.TryParse(step, System.Globalization.CultureInfo.InvariantCulture, out var index) ? at[index]! : at[step]!;
        }

        at[steps[^1]] = JsonNode.Parse(json);

        var answer = (await world.Shop.CreateAsync(body)).AssertProblem(400);

        Assert.Contains(field, answer.Json.GetProperty("errors").EnumerateObject().Select(e => e.Name));
        Assert.All(answer.Json.GetProperty("errors").EnumerateObject(), e => Assert.NotEmpty(e.Value.EnumerateArray()));
    }

    [Fact]
    public async Task CreateOrder_MoreThan50UnitsOverItems_Is400()
    {
        var body = Shop.Body();
        body["items"] = JsonNode.Parse("""[{"name":"A","quantity":30,"unitPrice":1},{"name":"B","quantity":21,"unitPrice":1}]""");

        var answer = (await world.Shop.CreateAsync(body)).AssertProblem(400);

        Assert.True(answer.Json.GetProperty("errors").TryGetProperty("items", out _));
    }

    [Fact]
    public async Task CreateOrder_SameSeatInTwoItems_Is400()
    {
        var body = Shop.Body();
        body["items"] = JsonNode.Parse("""[{"name":"A","quantity":1,"unitPrice":1,"seats":["A1"]},{"name":"B","quantity":1,"unitPrice":1,"seats":["A1"]}]""");

        (await world.Shop.CreateAsync(body)).AssertProblem(400);
    }

    [Theory]
    [InlineData("""[{"name":"A","quantity":50,"unitPrice":1}]""", "50.00")]
    [InlineData("""[{"name":"A","quantity":2,"unitPrice":10.00,"seats":["A1","A2"]},{"name":"Free","quantity":1,"unitPrice":0}]""", "20.00")]
    [InlineData("""[{"name":"A","quantity":1,"unitPrice":7,"seats":[]},{"name":"B","quantity":1,"unitPrice":3,"seats":null}]""", "10.00")]
    public async Task CreateOrder_AtTheEdgeOfTheRules_IsMade(string items, string total)
    {
        var body = Shop.Body();
        body["items"] = JsonNode.Parse(items);

        var answer = await world.Shop.CreateAsync(body);

        Assert.True(answer.Status == 201, answer.Text);
        Assert.Equal(total, answer.Json.GetProperty("totalAmount").GetRawText());
    }

    [Theory]
    [InlineData("0712 345-678", "254712345678")]
    [InlineData("0112345678", "254112345678")]
    [InlineData("+254 722 345 678", "254722345678")]
    [InlineData("254-732-345-678", "254732345678")]
    public async Task CreateOrder_PhoneAsPeopleWriteIt_IsAskedToPay(string typed, string phone)
    {
        var answer = await world.Shop.CreateAsync(Shop.Body(typed));

        Assert.True(answer.Status == 201, answer.Text);
        Assert.Equal(300, Assert.Single(world.PayHero.PushesTo(phone)).Amount);
    }

    [Theory]
    [InlineData("0812345678")]
    [InlineData("071234567")]
    [InlineData("07123456789")]
    [InlineData("+255712345678")]
    [InlineData("+0712345678")]
    [InlineData("2540712345678")]
    [InlineData("254 812 345 678")]
    [InlineData("07123a5678")]
    [InlineData("٠٧١٢٣٤٥٦٧٨")]
    [InlineData("")]
    [InlineData("0")]
    public async Task CreateOrder_PhoneThatIsNone_Is400(string typed)
    {
        var answer = (await world.Shop.CreateAsync(Shop.Body(typed))).AssertProblem(400);

        Assert.True(answer.Json.GetProperty("errors").TryGetProperty("customer.phone", out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("\"order\"")]
    [InlineData("{}")]
    [InlineData("""{"customer":{"firstName":"\ud800"}}""")]
    public async Task CreateOrder_BodyThatIsNoOrder_Is400(string body) =>
        (await world.Shop.PostAsync("/orders", Encoding.UTF8.GetBytes(body))).AssertProblem(400);

    [Fact]
    public async Task CreateOrder_SeveralThingsWrong_TellsThemAll()
    {
        var body = Shop.Body("nothing");
        body["currency"] = "USD";
        body["items"]![0]!["quantity"] = 0;

        var errors = (await world.Shop.CreateAsync(body)).AssertProblem(400).Json.GetProperty("errors");

        Assert.True(errors.TryGetProperty("customer.phone", out _) && errors.TryGetProperty("currency", out _) && errors.TryGetProperty("items[0].quantity", out _));
    }

    [Fact]
    public async Task CreateOrder_NewFieldsInTheBody_AreIgnored()
    {
        var body = Shop.Body();
        body["utm"] = "newsletter";

        Assert.Equal(201, (await world.Shop.CreateAsync(body)).Status);
    }
}
