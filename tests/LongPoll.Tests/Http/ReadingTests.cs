using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Reading an order.</summary>
public abstract class ReadingTests(ServerWorld world)
{
    [Fact]
    public async Task Read_WithTheLastETag_Is304UntilTheOrderChanges()
    {
        var order = await world.Shop.PlaceAsync();
        var tag = (await world.Shop.ReadAsync(order)).AssertView("processing").Header("ETag")!;
        Assert.Equal(tag, order.Answer.Header("ETag"));

        var same = await world.Shop.GetAsync($"/orders/{order.Id}", ("If-None-Match", tag));
        var list = await world.Shop.GetAsync($"/orders/{order.Id}", ("If-None-Match", "\"v0\", " + tag));
        var other = await world.Shop.GetAsync($"/orders/{order.Id}", ("If-None-Match", "\"v0\""));

        Assert.Equal((304, 304, 200), (same.Status, list.Status, other.Status));
        Assert.Empty(same.Bytes);
        Assert.Equal(tag, same.Header("ETag"));
        Assert.Equal("no-store", same.Header("Cache-Control"));
        await world.Shop.PaidAsync(order);
        (await world.Shop.GetAsync($"/orders/{order.Id}", ("If-None-Match", tag))).AssertView("completed");
    }

    [Fact]
    public async Task Head_OfAnOrder_AnswersLikeGetWithoutABody()
    {
        var order = await world.Shop.PlaceAsync();
        var read = await world.Shop.ReadAsync(order);

        var head = await world.Shop.SendAsync(HttpMethod.Head, $"/orders/{order.Id}", body: null);

        Assert.Equal(200, head.Status);
        Assert.Empty(head.Bytes);
        foreach (var header in (string[])["ETag", "Cache-Control", "Content-Type", "Content-Length"])
        {
            Assert.Equal(read.Header(header), head.Header(header));
        }

        Assert.Equal(304, (await world.Shop.SendAsync(HttpMethod.Head, $"/orders/{order.Id}", body: null, ("If-None-Match", read.Header("ETag")!))).Status);
        Assert.Equal(404, (await world.Shop.SendAsync(HttpMethod.Head, $"/orders/{Guid.CreateVersion7()}", body: null)).Status);
    }

    // The two settlers of the documents: whoever looked made the booking as well.
    [Fact]
    [Trait("Acceptance", "55")]
    [Trait("Acceptance", "74")]
    public async Task Read_AgainAndAgainWhileTheProviderHasTheMoney_AsksAndChangesNothing()
    {
        var order = await world.Shop.PlaceAsync();
        world.PayHero.Tell(world.Shop.Push(order), "SUCCESS", "UKLREAD" + order.Phone);
        var first = await world.Shop.ReadAsync(order);

        await world.Shop.WaitAsync(order, "timeout=1");
        await world.Shop.WaitAsync(order, "timeout=1&until=fulfilled");
        await using (var events = await EventReader.OpenAsync(world.Shop, $"/orders/{order.Id}/events"))
        {
            await events.NextAsync();
        }

        Assert.Equal(first.Text, (await world.Shop.ReadAsync(order)).Text);
        Assert.Equal(0, world.PayHero.Asked(world.Shop.Push(order)));
        Assert.Equal((0, 0), (await world.CountAsync("payments", order.Id), await world.CountAsync("bookings", order.Id)));

        // To ask is a request of its own, and what it learns goes through the same door as a callback.
        (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("completed");
        Assert.Equal((1, 1), (await world.CountAsync("payments", order.Id), await world.CountAsync("bookings", order.Id)));
    }
}

/// <summary>Try again.</summary>
public abstract class RetryTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "59")]
    public async Task Pay_AfterACancel_StartsANewAttemptWithItsOwnReference()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.TellAsync(order, Shop.Cancelled());
        var cancelled = (await world.Shop.ReadAsync(order)).AssertView("cancelled");
        Assert.True(cancelled.Json.GetProperty("safeToRetry").GetBoolean());

        var again = (await world.Shop.PayAsync(order)).AssertView("processing");

        Assert.True(again.Version > cancelled.Version);
        Assert.False(again.Json.GetProperty("safeToRetry").GetBoolean());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, again.Json.GetProperty("reason").ValueKind);
        var pushes = world.PayHero.PushesTo(order.Phone);
        Assert.Equal(2, pushes.Select(p => p.ExternalReference).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(2, pushes.Select(p => p.CallbackUrl).Distinct().Count());
        await world.Shop.PaidAsync(order);
        (await world.Shop.ReadAsync(order)).AssertView("completed");
    }

    [Fact]
    public async Task Pay_NotSafeToRetry_Is409()
    {
        var order = await world.Shop.PlaceAsync();
        (await world.Shop.PayAsync(order)).AssertProblem(409);

        await world.Shop.PaidAsync(order);

        (await world.Shop.PayAsync(order)).AssertProblem(409);
        Assert.Single(world.PayHero.PushesTo(order.Phone));
    }

    [Fact]
    public async Task Pay_PressedManyTimesAtOnce_SendsOnePrompt()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.TellAsync(order, Shop.Cancelled());

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => world.Shop.PayAsync(order)));

        Assert.Single(answers, a => a.Status == 200);
        Assert.All(answers.Where(a => a.Status != 200), a => a.AssertProblem(409));
        Assert.Equal(2, world.PayHero.PushesTo(order.Phone).Count);
    }

    [Fact]
    public async Task Pay_PhoneWasUnreachable_WaitsForTheProvidersLastWord()
    {
        var order = await world.Shop.PlaceAsync();
        var push = world.Shop.Push(order);
        world.PayHero.Tell(push, "QUEUED");
        await world.Shop.TellAsync(order, Shop.Failed(1037, "DS timeout user cannot be reached."));

        // The prompt may still be answered: no second one yet.
        var lapsed = (await world.Shop.ReadAsync(order)).AssertView("expired");
        Assert.Equal("unreachable", lapsed.Json.GetProperty("reason").GetString());
        Assert.False(lapsed.Json.GetProperty("safeToRetry").GetBoolean());
        (await world.Shop.PayAsync(order)).AssertProblem(409);

        world.PayHero.Tell(push, "FAILED");
        (await world.Shop.PostAsync($"/orders/{order.Id}/verify")).AssertView("expired");

        (await world.Shop.PayAsync(order)).AssertView("processing");
    }

    [Fact]
    public async Task Pay_ProviderRefuses_TheOrderFailedAgain()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.TellAsync(order, Shop.Cancelled());
        world.PayHero.Answer(order.Phone, 400, """{"error_message":"no"}""");

        var answer = (await world.Shop.PayAsync(order)).AssertView("failed");

        Assert.True(answer.Json.GetProperty("safeToRetry").GetBoolean());
    }
}
