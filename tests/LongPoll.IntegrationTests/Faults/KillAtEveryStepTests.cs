using LongPoll.IntegrationTests.Faults.Support;
using LongPoll.Sandbox.PayHero;
using Xunit;

namespace LongPoll.IntegrationTests.Faults;

/// <summary>
/// SIGKILL at every step: from the arrival of a callback until its news is out, from the claim of a promise until it is
/// kept, and from a new order until its prompt is noted. Before and after every message with <c>LONGPOLL_FAULTS=all</c>;
/// else a sample, by a seed that is printed and that <c>LONGPOLL_FAULTS_SEED</c> repeats.
/// </summary>
[Collection(FaultsCollection.Name)]
public sealed class KillAtEveryStepTests(ITestOutputHelper output)
{
    private sealed record Paying(Bought Order, Task Page);

    private sealed record Buying(string Key, int Phone)
    {
        public Bought? First { get; set; }
    }

    [Fact]
    [Trait("Acceptance", "48")]
    [Trait("Acceptance", "49")]
    [Trait("Acceptance", "66")]
    [Trait("Acceptance", "71")]
    public async Task Settle_KilledAtEachWireMessage_NextServerEndsItRight()
    {
        await using var stage = await KillStage.StartAsync();
        var steps = await new KillEach(stage, output).RunAsync(new KillFlow<Paying>(
            "settle",
            BeginAsync: () => ParkedAsync(stage),
            WorkAsync: paying => Till.PayAsync(stage.Till.PushFor(paying.Order.Number)!, () => stage.Server.Address),
            DoneAsync: async paying => await stage.Books.OfAsync(paying.Order.OrderId) is { Payments: 1 } books && books.AnnouncedVersion == books.Version,
            paying => EndsRightAsync(stage, paying)));
        Holds(steps, "with line as not materialized", "EVAL", "set announced = true");
    }

    [Fact]
    [Trait("Acceptance", "66")]
    public async Task Outbox_KilledAtEachWireMessage_NextServerKeepsThePromise()
    {
        await using var stage = await KillStage.StartAsync(promises: ["ask_provider"]);
        var steps = await new KillEach(stage, output).RunAsync(new KillFlow<Paying>(
            "outbox",
            BeginAsync: async () =>
            {
                // Money without a receipt is not believed, but asked about: that is the promise, and with the answer the order is paid.
                var paying = await ParkedAsync(stage);
                var push = stage.Till.PushFor(paying.Order.Number)!;
                push.Outcome = PaymentOutcome.Success(TimeProvider.System.GetUtcNow());
                var taken = await Till.TellAsync(push, push.Outcome with { Receipt = null }, () => stage.Server.Address);
                Assert.Equal("unconfirmed", taken.Body.GetProperty("result").GetString());
                return paying;
            },
            WorkAsync: paying => stage.Books.PromisesDueAsync(paying.Order.OrderId),
            DoneAsync: async paying => await stage.Books.OfAsync(paying.Order.OrderId) is { OpenPromises: 0 } books && books.AnnouncedVersion == books.Version,
            paying => EndsRightAsync(stage, paying)));
        Holds(steps, "set leased_until", "set asking_until = $1", "with line as not materialized", "EVAL", "set announced = true",
            "set asking_until = null", "set done_at");
    }

    [Fact]
    [Trait("Acceptance", "77")]
    public async Task Create_KilledAtEachWireMessage_OrderEndsRight()
    {
        await using var stage = await KillStage.StartAsync();
        var bought = 0;
        var steps = await new KillEach(stage, output).RunAsync(new KillFlow<Buying>(
            "create",
            BeginAsync: async () =>
            {
                // A server that has announced nothing yet, so that loading the script is one of the steps.
                await stage.NextServerAsync();
                return new Buying(Guid.NewGuid().ToString(), Buyers.NewPhone());
            },
            WorkAsync: async buying => buying.First = await Buyers.OrderAsync(stage.Server.Client, buying.Key, buying.Phone),
            DoneAsync: async buying => buying.First is { } order
                && await stage.Books.OfAsync(order.OrderId) is { Version: > 1 } books && books.AnnouncedVersion == books.Version,
            EndsRightAsync: async buying =>
            {
                // The shop asks again with the same key, and gets the order that there is, or makes it now.
                var order = await Buyers.OrderAsync(stage.Server.Client, buying.Key, buying.Phone);
                Assert.NotNull(order);
                Assert.Equal(++bought, await stage.Books.CountAsync("select count(*) from orders"));
                await EndAsync(stage, order);
            }));
        Holds(steps, "with buyer as", "COMMIT", "SCRIPT", "EVAL", "with clue as", "with line as not materialized", "set announced = true");
    }

    [Fact]
    [Trait("Acceptance", "77")]
    public async Task Create_KilledBetweenPushAndItsAnswer_LateCallbackCompletesIt()
    {
        await using var stage = await KillStage.StartAsync();
        var (key, phone) = (Guid.NewGuid().ToString(), Buyers.NewPhone());
        stage.Till.Taking = _ => stage.Server.KillAsync();
        Assert.Null(await Buyers.OrderAsync(stage.Server.Client, key, phone));
        stage.Till.Taking = null;
        await stage.NextServerAsync();

        var order = await Buyers.OrderAsync(stage.Server.Client, key, phone);
        Assert.NotNull(order);
        await EndAsync(stage, order);
        Assert.Equal("completed", (await stage.Books.OfAsync(order.OrderId)).PaymentStatus);
    }

    private static async Task<Paying> ParkedAsync(KillStage stage)
    {
        var order = await stage.OrderAsync();
        var page = Buyers.PaidAsync(() => stage.Server.Client, order.OrderId, hold: 30);
        await Buyers.ParkedAsync(1, stage.Server.Client);
        return new Paying(order, page);
    }

    private static async Task EndsRightAsync(KillStage stage, Paying paying)
    {
        await paying.Page;
        await stage.EndsRightAsync(paying.Order);
    }

    // Where the prompt went out the buyer pays. Where it did not, nobody can: at the horizon the order ends, and may be tried again.
    private static async Task EndAsync(KillStage stage, Bought order)
    {
        if (stage.Till.PushFor(order.Number) is { } push)
        {
            await Till.PayAsync(push, () => stage.Server.Address);
            await stage.EndsRightAsync(order);
            return;
        }

        await stage.Books.AtTheHorizonAsync(order.OrderId);
        await Soon.TrueAsync(
            async () => await stage.Books.CountAsync(
                "select count(*) from orders where order_id = @OrderId and payment_status = 'expired' and safe_to_retry",
                new { order.OrderId }) == 1,
            $"order {order.OrderId} without a prompt ends at the horizon");
        Assert.Equal((0, 0), await stage.Books.OfAsync(order.OrderId) is var books ? (books.Payments, books.Bookings) : default);
    }

    // A step that is not seen any more is not killed at any more, and nobody would notice.
    private static void Holds(IReadOnlyList<WireStep> steps, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(steps, s => $"{s.Kind} {s.Statement}".Contains(part, StringComparison.Ordinal)));
}
