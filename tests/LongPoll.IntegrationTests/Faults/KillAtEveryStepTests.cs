using System.Globalization;
using LongPoll.IntegrationTests.Faults.Support;
using Xunit;

namespace LongPoll.IntegrationTests.Faults;

/// <summary>
/// SIGKILL at every step: from the arrival of a callback until everything that follows from it is done, and from a new
/// order until its prompt is noted. All steps with <c>LONGPOLL_FAULTS=all</c>; else a sample, by a seed that is printed
/// and that <c>LONGPOLL_FAULTS_SEED</c> repeats.
/// </summary>
[Collection(FaultsCollection.Name)]
public sealed class KillAtEveryStepTests(ITestOutputHelper output)
{
    private const int Sample = 8;

    [Fact]
    [Trait("Acceptance", "48")]
    [Trait("Acceptance", "49")]
    [Trait("Acceptance", "66")]
    [Trait("Acceptance", "71")]
    public async Task Settle_KilledAtEachWireMessage_NextServerEndsItRight()
    {
        await using var stage = await KillStage.StartAsync();

        // How many messages there are is seen in a run in which nobody dies.
        var warm = await OrderAsync(stage);
        stage.Point.Arm(0, after: false, kill: null);
        await Till.PayAsync(stage.Till.PushFor(warm.Number)!, () => stage.Server.Address);
        await stage.EndsRightAsync(warm);
        var messages = stage.Point.Passed;
        output.WriteLine($"{messages.Count} messages:\n{string.Join('\n', messages)}");

        foreach (var (at, after) in Chosen(messages))
        {
            var order = await OrderAsync(stage);
            var killed = stage.Server;
            stage.Point.Arm(at, after, killed.KillAsync);
            var paying = Till.PayAsync(stage.Till.PushFor(order.Number)!, () => stage.Server.Address);
            await Soon.TrueAsync(async () => killed.Ended || (paying.IsCompleted && await DoneAsync(stage, order)), "the server is killed or done");
            var where = string.Create(CultureInfo.InvariantCulture, $"{(after ? "after" : "before")} {at}: {(killed.Ended ? stage.Point.Passed[^1] : "never reached")}");
            if (!stage.Point.Disarm())
            {
                await stage.NextServerAsync();
            }

            output.WriteLine(where);
            await paying;
            await stage.EndsRightAsync(order);
        }
    }

    [Fact]
    [Trait("Acceptance", "77")]
    public async Task Create_KilledAtEachWireMessage_OrderEndsRight()
    {
        await using var stage = await KillStage.StartAsync();
        var warm = await OrderAsync(stage, armed: true);
        var messages = stage.Point.Passed;
        output.WriteLine($"{messages.Count} messages:\n{string.Join('\n', messages)}");
        Assert.NotNull(stage.Till.PushFor(warm.Number));

        foreach (var (at, after) in Chosen(messages))
        {
            var (key, phone) = (Guid.NewGuid().ToString(), Buyers.NewPhone());
            var killed = stage.Server;
            stage.Point.Arm(at, after, killed.KillAsync);
            var first = await Buyers.OrderAsync(killed.Client, key, phone);
            await Soon.TrueAsync(async () => killed.Ended || (first is not null && await AnnouncedAsync(stage, first)), "the server is killed or done");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(after ? "after" : "before")} {at}: {(killed.Ended ? stage.Point.Passed[^1] : "never reached")}"));
            if (!stage.Point.Disarm())
            {
                await stage.NextServerAsync();
            }

            // The shop asks again with the same key, and gets the order that there is, or makes it now.
            var order = await Buyers.OrderAsync(stage.Server.Client, key, phone);
            Assert.NotNull(order);
            await EndAsync(stage, order);
        }
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

    // Where the prompt went out the buyer pays. Where it did not, nobody can: at the horizon the order ends, and may be tried again.
    private static async Task EndAsync(KillStage stage, Bought order)
    {
        if (stage.Till.PushFor(order.Number) is { } push)
        {
            await Till.PayAsync(push, () => stage.Server.Address);
            await stage.EndsRightAsync(order);
            return;
        }

        await stage.Books.RunAsync(
            "update payment_attempts set created_at = created_at - interval '11 minutes', ask_at = now() where order_id = @OrderId", new { order.OrderId });
        await Soon.TrueAsync(
            async () => await stage.Books.CountAsync(
                "select count(*) from orders where order_id = @OrderId and payment_status = 'expired' and safe_to_retry",
                new { order.OrderId }) == 1,
            $"order {order.OrderId} without a prompt ends at the horizon");
        Assert.Equal((0, 0), await stage.Books.OfAsync(order.OrderId) is var books ? (books.Payments, books.Bookings) : default);
    }

    private static async Task<Bought> OrderAsync(KillStage stage, bool armed = false)
    {
        if (armed)
        {
            stage.Point.Arm(0, after: false, kill: null);
        }

        var order = await Buyers.OrderAsync(stage.Server.Client);
        Assert.NotNull(order);
        await stage.Books.AnnouncedAsync(order.OrderId);
        return order;
    }

    private static async Task<bool> DoneAsync(KillStage stage, Bought order) =>
        await stage.Books.OfAsync(order.OrderId) is { OpenPromises: 0, Promises: 1 } books && books.AnnouncedVersion == books.Version;

    private static async Task<bool> AnnouncedAsync(KillStage stage, Bought order) =>
        await stage.Books.OfAsync(order.OrderId) is { Version: > 1 } books && books.AnnouncedVersion == books.Version;

    // Before each message; and after each one that is answered, because what was answered may have been committed unseen.
    private IEnumerable<(int At, bool After)> Chosen(IReadOnlyList<string> messages)
    {
        var all = Enumerable.Range(1, messages.Count).Select(n => (At: n, After: false))
            .Concat(Enumerable.Range(1, messages.Count).Where(n => messages[n - 1][0] is 'S' or 'Q' or 'E' && !messages[n - 1].StartsWith("E ", StringComparison.Ordinal)).Select(n => (At: n, After: true)))
            .ToArray();
        if (Environment.GetEnvironmentVariable("LONGPOLL_FAULTS") == "all")
        {
            return all;
        }

        var seed = int.TryParse(Environment.GetEnvironmentVariable("LONGPOLL_FAULTS_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"LONGPOLL_FAULTS_SEED={seed}"));
        new Random(seed).Shuffle(all);
        return all.Take(Sample);
    }
}
