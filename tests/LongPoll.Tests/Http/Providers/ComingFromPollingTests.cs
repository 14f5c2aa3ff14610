using Xunit;

namespace LongPoll.Tests.Http.Providers;

/// <summary>
/// What the status endpoints of the older systems promised, as fields of the order view. Each test is a line of the table in
/// <c>src/docs/coming-from-polling.md</c>.
/// </summary>
public abstract class ComingFromPollingTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "21")]
    [Trait("Acceptance", "23")]
    public async Task IsProcessed_IsFalseUntilPaidAndThenBringsTheBooking()
    {
        var order = await world.Shop.PlaceAsync();

        var before = (await world.Shop.GetAsync($"/api/orders/{order.Id}")).AssertView("processing").Json;
        Assert.False(before.GetProperty("settled").GetBoolean());
        Assert.Null(before.GetProperty("bookingReference").GetString());
        await world.Shop.PaidAsync(order);

        var after = (await world.Shop.ReadAsync(order)).AssertView("completed").Json;
        Assert.True(after.GetProperty("settled").GetBoolean());
        Assert.NotNull(after.GetProperty("bookingReference").GetString());
        Assert.Null(after.GetProperty("reason").GetString());
        Assert.True(after.GetProperty("updatedAt").GetDateTime() >= before.GetProperty("updatedAt").GetDateTime());
    }

    [Fact]
    [Trait("Acceptance", "23")]
    public async Task ErrorMessage_IsAReasonToTranslateAndASentence()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.TellAsync(order, Shop.Failed(2001, "wrong PIN"));

        var view = (await world.Shop.ReadAsync(order)).AssertView("failed").Json;

        Assert.Equal(("wrong_pin", "The PIN was not right"), (view.GetProperty("reason").GetString(), view.GetProperty("message").GetString()));
    }

    // The provider has the money, and nobody has told us yet: reading must not be what books.
    [Fact]
    [Trait("Acceptance", "30")]
    [Trait("Acceptance", "47")]
    public async Task Status_IsReadOnly_OnlyAskingBooks()
    {
        var order = await world.Shop.PlaceAsync();
        world.PayHero.Tell(world.Shop.Push(order), "SUCCESS", PretendProvider.NewTransaction());
        var asked = world.PayHero.Asked(world.Shop.Push(order));

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => world.Shop.ReadAsync(order)));
        (await world.Shop.WaitAsync(order, "timeout=1")).AssertView("processing", "timeout");

        Assert.Equal(asked, world.PayHero.Asked(world.Shop.Push(order)));
        Assert.Equal(0, await world.CountAsync("bookings", order.Id));
        (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");
        Assert.Equal(1, await world.CountAsync("bookings", order.Id));
    }

    // "Paid, booking pending" was a state that pages had to poll through. The booking stands in the commit of the payment.
    [Fact]
    [Trait("Acceptance", "31")]
    [Trait("Acceptance", "32")]
    public async Task BookingCreated_IsTrueInTheVeryAnswerThatSaysPaid()
    {
        var order = await world.Shop.PlaceAsync();
        var waiting = world.Shop.WaitAsync(order);
        await world.Shop.ParkedAsync(1);

        var callback = await world.Shop.TellAsync(order, Shop.Paid());

        var page = (await waiting).AssertView("completed", "notified");
        Assert.Equal(callback.Json.GetProperty("bookingReference").GetString(), page.Json.GetProperty("bookingReference").GetString());
        Assert.Equal(1, await world.CountAsync("bookings", order.Id));
        Assert.Equal("Payment received. Thank you!", page.Json.GetProperty("message").GetString());
    }

    // An internal error must never read as a failed payment.
    [Fact]
    [Trait("Acceptance", "33")]
    public async Task ProviderCannotBeAsked_TheAnswerIs200AndSaysNothingOfFailure()
    {
        var order = await world.Shop.PlaceAsync();
        world.PayHero.Tell(world.Shop.Push(order), "NOBODY KNOWS");

        var view = (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("processing").Json;

        Assert.Null(view.GetProperty("reason").GetString());
        Assert.False(view.GetProperty("safeToRetry").GetBoolean());
    }

    [Fact]
    [Trait("Acceptance", "34")]
    public async Task ClientThatPollsAllTheSame_Gets304WhileNothingChanges()
    {
        var order = await world.Shop.PlaceAsync();
        var seen = await world.Shop.ReadAsync(order);

        var same = await world.Shop.GetAsync($"/orders/{order.Id}", ("If-None-Match", seen.Header("ETag")!));
        Assert.Equal((304, 0), (same.Status, same.Bytes.Length));
        await world.Shop.PaidAsync(order);

        (await world.Shop.GetAsync($"/orders/{order.Id}", ("If-None-Match", seen.Header("ETag")!))).AssertView("completed");
    }
}
