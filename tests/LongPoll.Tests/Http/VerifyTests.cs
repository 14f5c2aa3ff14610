using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The fallback: the provider is asked now.</summary>
public abstract class VerifyTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "53")]
    [Trait("Acceptance", "74")]
    public async Task Verify_ProviderSaysSuccess_CompletesAndWakesWhoWaits()
    {
        var order = await world.Shop.PlaceAsync();
        world.PayHero.Tell(world.Shop.Push(order), "SUCCESS", "UKLVERIFY1");
        var waiting = world.Shop.WaitAsync(order);
        await world.Shop.ParkedAsync(1);

        var answer = (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");

        Assert.Equal("UKLVERIFY1", answer.Json.GetProperty("receipt").GetString());
        Assert.Equal(answer.Text, (await waiting).AssertView("completed", "notified").Text);
        Assert.Equal((1, 1), (await world.CountAsync("payments", order.Id), await world.CountAsync("bookings", order.Id)));
    }

    [Fact]
    [Trait("Acceptance", "52")]
    [Trait("Acceptance", "75")]
    public async Task Verify_AlreadyPaid_GivesTheSameBooking()
    {
        var order = await world.Shop.PlaceAsync();
        var receipt = await world.Shop.PaidAsync(order);
        world.PayHero.Tell(world.Shop.Push(order), "SUCCESS", receipt);
        var paid = await world.Shop.ReadAsync(order);

        var answer = (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");

        Assert.Equal(paid.Text, answer.Text);
        Assert.Equal(1, await world.CountAsync("payments", order.Id));
    }

    [Fact]
    public async Task Verify_ThenTheCallback_IsADuplicate()
    {
        var order = await world.Shop.PlaceAsync();
        var outcome = Shop.Paid();
        world.PayHero.Tell(world.Shop.Push(order), "SUCCESS", outcome.Receipt);
        var verified = (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");

        var told = (await world.Shop.TellAsync(order, outcome)).AssertResult("duplicate");

        Assert.Equal(verified.Json.GetProperty("bookingReference").GetString(), told.Json.GetProperty("bookingReference").GetString());
    }

    // The query said FAILED of money that had moved, the page offered Try again, and the buyer paid twice.
    [Fact]
    [Trait("Acceptance", "77")]
    public async Task Verify_ProviderSaysFailed_EndsTheOrderButInvitesNobodyUntilACallbackSaysSo()
    {
        var order = await world.Shop.PlaceAsync();
        world.PayHero.Tell(world.Shop.Push(order), "FAILED");

        var failed = (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("failed");

        Assert.False(failed.Json.GetProperty("safeToRetry").GetBoolean());
        (await world.Shop.PayAsync(order)).AssertProblem(409);
        (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("failed");
        Assert.Equal(failed.Text, (await world.Shop.ReadAsync(order)).Text);

        (await world.Shop.TellAsync(order, Shop.Cancelled())).AssertResult("applied");

        Assert.True((await world.Shop.ReadAsync(order)).AssertView("failed").Json.GetProperty("safeToRetry").GetBoolean());
    }

    [Fact]
    [Trait("Acceptance", "77")]
    public async Task Verify_ProviderSaysFailedOfAPayment_TheCallbackCountsAllTheSame()
    {
        var order = await world.Shop.PlaceAsync();
        world.PayHero.Tell(world.Shop.Push(order), "FAILED");
        (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("failed");

        await world.Shop.PaidAsync(order);

        (await world.Shop.ReadAsync(order)).AssertView("completed");
    }

    [Theory]
    [InlineData("QUEUED")]
    [InlineData("WHATEVER")]
    [InlineData(null)]
    public async Task Verify_ProviderDoesNotKnow_ChangesNothing(string? word)
    {
        var order = await world.Shop.PlaceAsync();
        if (word is not null)
        {
            world.PayHero.Tell(world.Shop.Push(order), word);
        }

        var answer = (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("processing");

        Assert.Equal(order.Answer.Version, answer.Version);
        Assert.True(world.PayHero.Asked(world.Shop.Push(order)) >= 1);
    }

    [Fact]
    public async Task Verify_ProviderSaysSuccessWithoutAReceipt_IsNotBelieved()
    {
        var order = await world.Shop.PlaceAsync();
        world.PayHero.Tell(world.Shop.Push(order), "SUCCESS");

        (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("processing");

        Assert.Equal(0, await world.CountAsync("payments", order.Id));
    }

    [Fact]
    public async Task Verify_ProviderDeniesABelievedPayment_DoesNotUndoIt()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.PaidAsync(order);
        world.PayHero.Tell(world.Shop.Push(order), "FAILED");

        (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");
    }

    [Fact]
    [Trait("Acceptance", "79")]
    public async Task Verify_TwentyPagesAtOnce_AskTheProviderOnce()
    {
        await using var shop = await world.StartAsync(("Logging:LogLevel:Microsoft.AspNetCore.Routing", "Information"));
        using var log = LogCapture.On(shop);
        var order = await shop.PlaceAsync();
        var push = shop.Push(order);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        shop.PayHero.Tell(push, "SUCCESS", "UKLTWENTY1", gate.Task);

        var asking = Enumerable.Range(0, 20).Select(_ => shop.PostAsync($"/orders/{order.Id}/verify")).ToArray();

        // The provider answers only when all twenty have arrived.
        await Until.TrueAsync(() => log.Lines.Count(l => l.Contains("Executing endpoint", StringComparison.Ordinal) && l.Contains("verify", StringComparison.Ordinal)) == 20);
        await shop.ReadAsync(order);
        gate.SetResult();

        Assert.All(await Task.WhenAll(asking), a => a.AssertView("completed"));
        Assert.Equal(1, shop.PayHero.Asked(push));
        Assert.Equal(1, await world.CountAsync("payments", order.Id));
    }
}
