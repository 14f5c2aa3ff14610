using System.Text;
using System.Text.Json.Nodes;
using LongPoll.Server.Orders;
using LongPoll.Server.Payments;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LongPoll.Tests.Http.Links;

/// <summary>Paying a link: one payable order at a time, one payment in the end, whatever is late, double, or dies on the way.</summary>
public abstract partial class LinkPaymentTests(ServerWorld world) : LinkSuite(world)
{
    private const string AdminKey = "development-only-admin-key-development-only";

    [Fact]
    [Trait("Acceptance", "26")]
    [Trait("Acceptance", "28")]
    [Trait("Acceptance", "61")]
    public async Task Paid_WhoWaitsIsToldAndTheStatusHasTheTransaction()
    {
        var (link, _) = await MakeAsync(World.Shop);
        var order = await PayAsync(World.Shop, link);
        Assert.Equal(("processing", 300m, "KES"), (order.Answer.PaymentStatus, order.Answer.Json.GetProperty("totalAmount").GetDecimal(), order.Answer.Json.GetProperty("currency").GetString()));
        Assert.Equal($"/orders/{order.Id}", order.Answer.Header("Location"));
        Assert.Equal(300, World.Shop.Push(order).Amount);
        await StandsAsync(World.Shop, link, "OPEN", "PAYMENT_STARTED");
        var waiting = World.Shop.WaitAsync(order);
        await World.Shop.ParkedAsync(1);

        var receipt = await World.Shop.PaidAsync(order);

        var view = (await waiting).AssertView("completed", "notified");
        var paid = await StandsAsync(World.Shop, link, "PAID", "PAID");
        Assert.Equal(("Payment received", "payhero"), (paid.GetProperty("statusMessage").GetString(), paid.GetProperty("paymentMethod").GetString()));
        var transaction = paid.GetProperty("transactionInfo");
        Assert.Equal((receipt, 300m, "KES"), (transaction.GetProperty("transactionId").GetString(), transaction.GetProperty("amount").GetDecimal(), transaction.GetProperty("currency").GetString()));
        Assert.Equal(view.Json.GetProperty("updatedAt").GetDateTime(), paid.GetProperty("lastEventTimestamp").GetDateTime());
        Assert.Equal(paid.GetProperty("lastEventTimestamp").GetDateTime(), paid.GetProperty("updatedAt").GetDateTime());
        Assert.False(paid.GetProperty("isExpired").GetBoolean());
    }

    [Theory]
    [InlineData("phone", "12345")]
    [InlineData("phone", null)]
    [InlineData("email", "nobody")]
    [InlineData("email", null)]
    [InlineData("firstName", "")]
    [InlineData("firstName", null)]
    public async Task Pay_WithSomethingWrong_Is400ByFieldAndTakesNoPlace(string field, string? value)
    {
        var (link, _) = await MakeAsync(World.Shop);
        var payer = Payer(Shop.NewPhone());
        payer[field] = value;

        var refused = (await PostAsync(World.Shop, $"/payment-links/{link}/pay", payer)).AssertProblem(400);

        Assert.Equal([field], refused.Json.GetProperty("errors").EnumerateObject().Select(e => e.Name));
        (await World.Shop.PostAsync($"/payment-links/{link}/pay", "[1]"u8.ToArray())).AssertProblem(400);
        (await TryPayAsync(World.Shop, link, headers: ("Idempotency-Key", new string('k', 201)))).AssertProblem(400);
        await PayAsync(World.Shop, link);
    }

    [Fact]
    public async Task Pay_ManyAtOnce_OneStartsAndTheOthersAre409()
    {
        var (link, _) = await MakeAsync(World.Shop);

        await OneOfManyAsync(link, World.Shop);
    }

    [Fact]
    public async Task Pay_WhileOneIsUnderWay_Is409AndNobodyIsPrompted()
    {
        var (link, _) = await MakeAsync(World.Shop);
        await PayAsync(World.Shop, link);
        var phone = Shop.NewPhone();

        (await TryPayAsync(World.Shop, link, phone)).AssertProblem(409);

        Assert.Empty(World.PayHero.PushesTo(phone));
    }

    [Fact]
    public async Task Pay_SameKey_GivesTheSameOrderAndTokenAlsoWhenItIsPaid()
    {
        var (link, _) = await MakeAsync(World.Shop);
        var (phone, key) = (Shop.NewPhone(), ("Idempotency-Key", Guid.NewGuid().ToString()));
        var first = (await TryPayAsync(World.Shop, link, phone, key)).AssertStatus(201);
        var again = (await TryPayAsync(World.Shop, link, phone, key)).AssertStatus(201);

        Assert.Equal(first.Text, again.Text);
        Assert.Single(World.PayHero.PushesTo(phone));
        (await TryPayAsync(World.Shop, link, Shop.NewPhone(), key)).AssertProblem(422);
        await World.Shop.PaidAsync(PlacedBy(first, phone));
        Assert.Equal("completed", (await TryPayAsync(World.Shop, link, phone, key)).AssertStatus(201).PaymentStatus);

        // The key is the payer's own: it stands for nothing at another link.
        var (other, _) = await MakeAsync(World.Shop);
        Assert.NotEqual(first.Json.GetProperty("orderId").GetString(), (await TryPayAsync(World.Shop, other, phone, key)).AssertStatus(201).Json.GetProperty("orderId").GetString());
    }

    [Fact]
    public async Task Pay_SameKeyAtOnce_StartsOnce()
    {
        var (link, _) = await MakeAsync(World.Shop);
        var (phone, key) = (Shop.NewPhone(), ("Idempotency-Key", Guid.NewGuid().ToString()));

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => TryPayAsync(World.Shop, link, phone, key)));

        Assert.Single(answers.Select(a => a.AssertStatus(201).Json.GetProperty("orderId").GetString()).Distinct(StringComparer.Ordinal));
        Assert.Single(World.PayHero.PushesTo(phone));
    }

    [Fact]
    public async Task Declined_SomebodyElsePays_AndTheFirstCannotTryAgain()
    {
        var (link, _) = await MakeAsync(World.Shop);
        var first = await PayAsync(World.Shop, link);
        await DeclineAsync(World.Shop, first);
        await StandsAsync(World.Shop, link, "OPEN", "PAYMENT_CANCELED");
        var waiting = World.Shop.WaitAsync(first, $"since={(await World.Shop.ReadAsync(first)).Version}&timeout=30");
        await World.Shop.ParkedAsync(1);

        var second = await PayAsync(World.Shop, link);

        Assert.NotEqual(first.Id, second.Id);
        Assert.False((await waiting).AssertView("cancelled").Json.GetProperty("safeToRetry").GetBoolean());
        (await World.Shop.PayAsync(first)).AssertProblem(409);
        await World.Shop.PaidAsync(second);
        await StandsAsync(World.Shop, link, "PAID");
        (await World.Shop.PayAsync(first)).AssertProblem(409);
    }

    [Fact]
    public async Task Declined_TryAgainTakesTheLinksPlace()
    {
        var (link, _) = await MakeAsync(World.Shop, Body(In(TimeSpan.FromMinutes(8))));
        var order = await PayAsync(World.Shop, link);
        await DeclineAsync(World.Shop, order);

        var retried = (await World.Shop.PayAsync(order)).AssertView("processing");

        var expiresAt = (await StandsAsync(World.Shop, link, "OPEN", "PAYMENT_STARTED")).GetProperty("expiresAt").GetDateTime();
        Assert.Equal(expiresAt, retried.Json.GetProperty("expiresAt").GetDateTime());
        (await TryPayAsync(World.Shop, link)).AssertProblem(409);
        await World.Shop.PaidAsync(order);
        await StandsAsync(World.Shop, link, "PAID");
    }

    // Try again on the old order and a payment by somebody else, in the same moment: whoever comes second has no place.
    [Fact]
    public async Task Declined_TryAgainAndAnotherPayer_OneGetsThePlace()
    {
        for (var round = 0; round < 5; round++)
        {
            var (link, _) = await MakeAsync(World.Shop);
            var order = await PayAsync(World.Shop, link);
            await DeclineAsync(World.Shop, order);

            var answers = await Task.WhenAll(World.Shop.PayAsync(order), TryPayAsync(World.Shop, link));

            Assert.Single(answers, a => a.Status is 200 or 201);
            Assert.Single(answers, a => a.Status == 409);
        }
    }

    [Fact]
    public async Task Order_CanBePaidNoLongerThanItsLink()
    {
        var end = In(TimeSpan.FromMinutes(5));
        var (link, _) = await MakeAsync(World.Shop, Body(end));

        var order = await PayAsync(World.Shop, link);

        Assert.Equal((await StandsAsync(World.Shop, link, "OPEN")).GetProperty("expiresAt").GetDateTime(), order.Answer.Json.GetProperty("expiresAt").GetDateTime());
        var (lasting, _) = await MakeAsync(World.Shop);
        var usual = await PayAsync(World.Shop, lasting);
        Assert.InRange(usual.Answer.Json.GetProperty("expiresAt").GetDateTime(), In(TimeSpan.FromMinutes(14)), In(TimeSpan.FromMinutes(15)));
    }

    // The order stands, the prompt may or may not be out, and nobody is left who knows: the link waits for the horizon.
    [Fact]
    public async Task NodeDiesBetweenOrderAndPush_TheLinkCanBePaidAfterwards()
    {
        var (link, _) = await MakeAsync(World.Shop);
        var order = await StoreAsync(World.Shop, link);
        (await TryPayAsync(World.Shop, link)).AssertProblem(409);
        await StandsAsync(World.Shop, link, "OPEN", "PAYMENT_STARTED");

        await AgeOrderAsync(order, TimeSpan.FromMinutes(16));
        await Until.ValueAsync(() => World.Shop.ReadAsync(order), view => view.PaymentStatus == "expired");

        await StandsAsync(World.Shop, link, "OPEN", "PAYMENT_EXPIRED");
        await World.Shop.PaidAsync(await PayAsync(World.Shop, link));
        await StandsAsync(World.Shop, link, "PAID");
    }

    [Fact]
    public async Task ProviderRefuses_TheOrderFailsAndTheLinkCanBePaidAgain()
    {
        var (link, _) = await MakeAsync(World.Shop);
        var phone = Shop.NewPhone();
        World.PayHero.Answer(phone, 400, "{}");

        var refused = (await TryPayAsync(World.Shop, link, phone)).AssertStatus(201);

        Assert.Equal("failed", refused.PaymentStatus);
        await StandsAsync(World.Shop, link, "OPEN", "PAYMENT_FAILED");
        await PayAsync(World.Shop, link);
    }

    [Fact]
    public async Task WrongAmount_NobodyPaysTheLinkUntilAPersonHasDecided()
    {
        var (link, _) = await MakeAsync(World.Shop);
        var order = await PayAsync(World.Shop, link);
        var push = World.Shop.Push(order);
        var body = JsonNode.Parse(LongPoll.Sandbox.PayHero.PayHeroWire.ShapeA(push, Shop.Paid()))!;
        body["response"]!["Amount"] = 299;
        Assert.Equal("review", (await World.Shop.CallbackAsync(push, Encoding.UTF8.GetBytes(body.ToJsonString()))).Result);
        await StandsAsync(World.Shop, link, "OPEN");
        (await TryPayAsync(World.Shop, link)).AssertProblem(409);

        var entry = (await EntriesAsync()).Single(e => (string?)e["orderId"] == order.Id);
        (await DecideAsync((string)entry["id"]!, "attach")).AssertView("completed");

        await StandsAsync(World.Shop, link, "PAID", "PAID");
    }

    /// <summary>Twelve payers with phones of their own; one of them gets the link's place.</summary>
    protected async Task OneOfManyAsync(string link, params Shop[] nodes)
    {
        string[] phones = [.. Enumerable.Range(0, 12).Select(_ => Shop.NewPhone())];

        var answers = await Task.WhenAll(phones.Select((phone, n) => TryPayAsync(nodes[n % nodes.Length], link, phone)));

        var started = Assert.Single(answers, a => a.Status == 201);
        Assert.All(answers.Where(a => a != started), a => a.AssertProblem(409));
        Assert.Single(phones.SelectMany(World.PayHero.PushesTo));
    }

    private const System.Text.Json.JsonValueKind JsonValueKindNull = System.Text.Json.JsonValueKind.Null;

    // What a node does first, and then nothing.
    private static async Task<Placed> StoreAsync(Shop shop, string link)
    {
        var found = (await shop.Services.GetRequiredService<LongPoll.Server.Links.ILinkStore>().FindLinkAsync(Guid.Parse(link), TestContext.Current.CancellationToken))!;
        var draft = Contracts.Drafts.Order(Shop.NewPhone(), TimeProvider.System.GetUtcTimestamp());
        draft = draft with { Link = new LinkPlace(found.LinkId, found.ExpiresAt), Order = draft.Order with { LinkId = found.LinkId } };
        var (outcome, order) = await shop.Services.GetRequiredService<IOrderStore>().OpenOrderAsync(draft, CreateOrder.PromptLimit, TestContext.Current.CancellationToken);
        Assert.Equal(OpenOutcome.Opened, outcome);
        return new Placed(order!.OrderId.ToString("D"), "", "", await shop.GetAsync($"/orders/{order.OrderId}"));
    }

    private async Task<string?> ProblemOfAsync(string transaction) => (string?)(await EntriesAsync()).Single(e => (string?)e["transactionId"] == transaction)["problem"];

    private async Task<IEnumerable<JsonNode>> EntriesAsync() =>
        JsonNode.Parse((await World.Shop.GetAsync("/admin/money-inbox", ("X-Admin-Key", AdminKey))).Bytes)!.AsArray().Select(e => e!);

    private Task<Answer> DecideAsync(string entry, string decision) =>
        PostAsync(World.Shop, $"/admin/money-inbox/{entry}/{decision}", new JsonObject { ["reason"] = "looked at" }, ("X-Admin-Key", AdminKey));
}
