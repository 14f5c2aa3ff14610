using System.Globalization;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The ways a wait can end, each by its name.</summary>
public abstract class WaitEndingTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "6")]
    [Trait("Acceptance", "9")]
    [Trait("Acceptance", "58")]
    public async Task Wait_CallbackArrives_IsNotified()
    {
        var order = await world.Shop.PlaceAsync();
        var waiting = world.Shop.WaitAsync(order);
        await world.Shop.ParkedAsync(1);

        await world.Shop.PaidAsync(order);

        AssertHeaders((await waiting).AssertView("completed", "notified"));
        await world.Shop.ParkedAsync(0);
    }

    [Fact]
    [Trait("Acceptance", "3")]
    [Trait("Acceptance", "10")]
    public async Task Wait_OrderJustPaid_IsAnsweredFromTheCache()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.PaidAsync(order);

        var answer = await Until.ValueAsync(() => world.Shop.WaitAsync(order), a => a.Ending == "cache");

        AssertHeaders(answer.AssertView("completed", "cache"));
        (await world.Shop.WaitAsync(order, "until=settled")).AssertView("completed", "cache");
        (await world.Shop.WaitAsync(order, "since=0&until=change")).AssertView("completed", "cache");
    }

    [Fact]
    [Trait("Acceptance", "4")]
    [Trait("Acceptance", "24")]
    public async Task Wait_OrderEndedUnpaid_IsAnsweredFromTheDatabase()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.TellAsync(order, Shop.Cancelled());

        AssertHeaders((await world.Shop.WaitAsync(order)).AssertView("cancelled", "database"));
    }

    [Fact]
    [Trait("Acceptance", "7")]
    public async Task Wait_NothingHappens_IsAnsweredWithTheCurrentView()
    {
        var order = await world.Shop.PlaceAsync();
        var began = System.Diagnostics.Stopwatch.GetTimestamp();

        var answer = (await world.Shop.WaitAsync(order, "timeout=1")).AssertView("processing", "timeout");

        AssertHeaders(answer);
        Assert.InRange(System.Diagnostics.Stopwatch.GetElapsedTime(began).TotalSeconds, 0.95, 10);
        Assert.InRange(Milliseconds(answer), 950, 10_000);
        await world.Shop.ParkedAsync(0);
    }

    [Fact]
    [Trait("Acceptance", "14")]
    public async Task Wait_NodeStops_IsAnsweredWithTheCurrentView()
    {
        await using var shop = await world.StartAsync();
        var orders = new List<Placed>();
        for (var i = 0; i < 5; i++)
        {
            orders.Add(await shop.PlaceAsync());
        }

        var waiting = orders.Select(o => shop.WaitAsync(o)).ToArray();
        await shop.ParkedAsync(5);
        await shop.Node.StopAsync();

        foreach (var wait in waiting)
        {
            AssertHeaders((await wait).AssertView("processing", "draining"));
        }
    }

    [Fact]
    [Trait("Acceptance", "14")]
    public async Task Wait_NodeIsDraining_GoesElsewhere()
    {
        await using var shop = await world.StartAsync(("LongPoll:DrainTime", "00:00:04"));
        var orders = new List<Placed>();
        for (var i = 0; i < 4; i++)
        {
            orders.Add(await shop.PlaceAsync());
        }

        var waiting = orders.Select(o => shop.WaitAsync(o)).ToArray();
        await shop.ParkedAsync(4);
        var stopping = shop.Node.StopAsync();
        await Until.ValueAsync(() => shop.GetAsync("/health/ready"), ready => ready.Status == 503);

        (await shop.GetAsync($"/orders/{orders[0].Id}/wait")).AssertProblem(503).AssertRetryAfter();
        (await shop.GetAsync($"/orders/{orders[0].Id}/events")).AssertProblem(503).AssertRetryAfter();
        Assert.Equal(200, (await shop.GetAsync("/health/live")).Status);

        // Callbacks still come in, and whoever still waits hears of them.
        var stillWaiting = orders.Where((_, i) => !waiting[i].IsCompleted).ToList();
        foreach (var order in stillWaiting)
        {
            await shop.PaidAsync(order);
        }

        var endings = await Task.WhenAll(waiting);
        Assert.All(endings, e => e.AssertView(e.Header("LongPoll-Ending") == "draining" ? "processing" : "completed"));
        Assert.Contains(endings, e => e.Header("LongPoll-Ending") == "draining");
        Assert.Contains(endings, e => e.Header("LongPoll-Ending") == "notified");
        await stopping;
    }

    [Fact]
    [Trait("Acceptance", "16")]
    [Trait("Acceptance", "17")]
    public async Task Wait_TenTabsOfOneOrder_AreAllAnsweredByOneCallback()
    {
        var order = await world.Shop.PlaceAsync();
        var tabs = Enumerable.Range(0, 10).Select(_ => world.Shop.WaitAsync(order)).ToArray();
        await world.Shop.ParkedAsync(10);

        await world.Shop.PaidAsync(order);

        var answers = await Task.WhenAll(tabs);
        Assert.All(answers, a => a.AssertView("completed", "notified"));
        Assert.Single(answers.Select(a => a.Text).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Acceptance", "37")]
    [Trait("Acceptance", "59")]
    public async Task Wait_BuyerCancels_IsNotified()
    {
        var order = await world.Shop.PlaceAsync();
        var waiting = world.Shop.WaitAsync(order);
        await world.Shop.ParkedAsync(1);

        (await world.Shop.TellAsync(order, Shop.Failed(1, "Cancelled by user"))).AssertResult("applied");

        var view = (await waiting).AssertView("cancelled", "notified").Json;
        Assert.Equal("cancelled_by_buyer", view.GetProperty("reason").GetString());
        Assert.Equal("You cancelled the payment", view.GetProperty("message").GetString());
        Assert.Equal("cancelled", view.GetProperty("status").GetString());
        Assert.Empty(view.GetProperty("tickets").EnumerateArray());
        Assert.Equal((0, 0), (await world.CountAsync("payments", order.Id), await world.CountAsync("bookings", order.Id)));
    }

    [Fact]
    public async Task Wait_FailureFollowedByANewAttempt_IsNotServedFromTheCache()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.TellAsync(order, Shop.Cancelled());
        await world.Shop.WaitAsync(order);
        await world.Shop.PayAsync(order);

        (await world.Shop.WaitAsync(order, "timeout=1")).AssertView("processing", "timeout");

        var waiting = world.Shop.WaitAsync(order);
        await world.Shop.ParkedAsync(1);
        await world.Shop.PaidAsync(order);
        (await waiting).AssertView("completed", "notified");
    }

    private static void AssertHeaders(Answer answer)
    {
        Assert.Equal("no", answer.Header("X-Accel-Buffering"));
        Assert.True(Milliseconds(answer) >= 0);
        Assert.Null(answer.Header("Preference-Applied"));
    }

    private static double Milliseconds(Answer answer)
    {
        var timing = answer.Header("Server-Timing")!;
        Assert.Matches(@"^wait;dur=\d+(\.\d+)?$", timing);
        return double.Parse(timing.AsSpan("wait;dur=".Length), CultureInfo.InvariantCulture);
    }
}
