using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>How long, since when, and until what.</summary>
public abstract class WaitQueryTests(ServerWorld world)
{
    [Theory]
    [Trait("Acceptance", "2")]
    [InlineData("timeout=0", "timeout")]
    [InlineData("timeout=121", "timeout")]
    [InlineData("timeout=-1", "timeout")]
    [InlineData("timeout=1.5", "timeout")]
    [InlineData("timeout=soon", "timeout")]
    [InlineData("timeout=", "timeout")]
    [InlineData("timeout=99999999999", "timeout")]
    [InlineData("since=-1", "since")]
    [InlineData("since=v3", "since")]
    [InlineData("since=99999999999999999999", "since")]
    [InlineData("until=paid", "until")]
    [InlineData("until=", "until")]
    public async Task Wait_ValueOutOfRange_Is400ByField(string query, string field)
    {
        var order = await world.Shop.PlaceAsync();

        var answer = (await world.Shop.WaitAsync(order, query)).AssertProblem(400);

        Assert.True(answer.Json.GetProperty("errors").TryGetProperty(field, out _), answer.Text);
    }

    [Theory]
    [InlineData("wait=0")]
    [InlineData("wait=121")]
    public async Task Wait_PreferenceOutOfRange_Is400(string preference)
    {
        var order = await world.Shop.PlaceAsync();

        (await world.Shop.WaitAsync(order, "", ("Prefer", preference))).AssertProblem(400);
    }

    [Theory]
    [InlineData("wait=1")]
    [InlineData("Wait=1")]
    [InlineData("respond-async, wait=1")]
    public async Task Wait_Preference_MeansTheSameAsTimeout(string preference)
    {
        var order = await world.Shop.PlaceAsync();

        var answer = (await world.Shop.WaitAsync(order, "", ("Prefer", preference))).AssertView("processing", "timeout");

        Assert.Equal("wait=1", answer.Header("Preference-Applied"));
    }

    [Fact]
    [Trait("Acceptance", "2")]
    public async Task Wait_WithoutTimeout_IsHeldForTheConfiguredTime()
    {
        await using var shop = await world.StartAsync(("LongPoll:Hold", "00:00:01"));
        var order = await shop.PlaceAsync();

        (await shop.WaitAsync(order, "")).AssertView("processing", "timeout");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(120)]
    public async Task Wait_TimeoutAtTheEdge_IsTaken(int seconds)
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.TellAsync(order, Shop.Cancelled());

        (await world.Shop.WaitAsync(order, $"timeout={seconds}")).AssertView("cancelled", "database");
    }

    [Theory]
    [InlineData("since={0}", true)]
    [InlineData("since={0}&until=change", true)]
    [InlineData("since={0}&until=settled", false)]
    [InlineData("since={0}&until=fulfilled", false)]
    [InlineData("until=settled", false)]
    [InlineData("until=fulfilled", false)]
    [InlineData("", false)]
    public async Task Wait_OpenOrderOneVersionOn_IsAnsweredOnlyWhenAChangeIsEnough(string query, bool answered)
    {
        var order = await world.Shop.PlaceAsync();
        query = string.Format(System.Globalization.CultureInfo.InvariantCulture, query, order.Answer.Version - 1);

        var answer = await world.Shop.WaitAsync(order, "timeout=1&" + query);

        answer.AssertView("processing");
        Assert.Equal(!answered, answer.Ending == "timeout");
    }

    [Theory]
    [InlineData("since={0}")]
    [InlineData("since={0}&until=change")]
    [InlineData("since={0}&until=settled")]
    [InlineData("since={0}&until=fulfilled")]
    [InlineData("until=change")]
    [InlineData("until=settled")]
    [InlineData("until=fulfilled")]
    public async Task Wait_PaidWhileWaiting_IsAnsweredWhateverItWaitsFor(string query)
    {
        var order = await world.Shop.PlaceAsync();
        query = string.Format(System.Globalization.CultureInfo.InvariantCulture, query, order.Answer.Version);
        var waiting = world.Shop.WaitAsync(order, "timeout=30&" + query);
        if (query != "until=change")
        {
            await world.Shop.ParkedAsync(1);
        }

        await world.Shop.PaidAsync(order);

        var view = (await waiting).Json;
        if (query != "until=change")
        {
            Assert.Equal("completed", view.GetProperty("paymentStatus").GetString());
        }

        if (query.EndsWith("fulfilled", StringComparison.Ordinal))
        {
            Assert.NotEqual("pending", view.GetProperty("fulfilment").GetString());
        }
    }

    [Theory]
    [InlineData("since={0}", "completed")]
    [InlineData("since={0}&until=settled", "completed")]
    [InlineData("since={0}&until=change", "cancelled")]
    public async Task Wait_SinceTheVersionThatStands_WaitsForTheNext(string query, string ending)
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.TellAsync(order, Shop.Cancelled());
        var stands = (await world.Shop.ReadAsync(order)).Version;
        query = string.Format(System.Globalization.CultureInfo.InvariantCulture, query, stands);

        // A page that has seen the end is not told it again.
        (await world.Shop.WaitAsync(order, "timeout=1&" + query)).AssertView("cancelled", "timeout");
        if (ending == "completed")
        {
            var waiting = world.Shop.WaitAsync(order, "timeout=30&" + query);
            await world.Shop.ParkedAsync(1);
            await world.Shop.PaidAsync(order);
            (await waiting).AssertView("completed", "notified");
        }
    }

    [Theory]
    [InlineData("since=1000")]
    [InlineData("since=1000&until=settled")]
    [InlineData("since=1000&until=fulfilled")]
    public async Task Wait_SinceAboveTheStoredVersion_IsAnsweredAtOnceFromTheDatabase(string query)
    {
        var order = await world.Shop.PlaceAsync();

        (await world.Shop.WaitAsync(order, "timeout=60&" + query)).AssertView("processing", "database");
    }

    [Fact]
    public async Task Wait_Change_TellsEveryVersionOnItsWay()
    {
        var phone = Shop.NewPhone();
        var gate = world.PayHero.HoldAnswer(phone);
        var placing = world.Shop.PlaceAsync(phone);
        var push = await world.PayHero.PushToAsync(phone);

        // Its number is not known yet; a first callback tells it without changing anything.
        var told = await world.Shop.CallbackAsync(push, LongPoll.Sandbox.PayHero.PayHeroWire.ShapeA(push, Shop.Failed(4999, "still running")));
        var id = told.AssertResult("ignored").Json.GetProperty("orderId").GetString();
        var first = (await world.Shop.GetAsync($"/orders/{id}")).AssertView("pending");
        var waiting = world.Shop.GetAsync($"/orders/{id}/wait?since={first.Version}");
        await world.Shop.ParkedAsync(1);
        gate.SetResult();

        Assert.True((await waiting).AssertView("processing", "notified").Version > first.Version);
        await placing;
    }
}
