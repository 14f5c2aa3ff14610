using System.Text.Json;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>The same as server-sent events.</summary>
public abstract class EventStreamTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "58")]
    public async Task Events_OrderIsPaid_EveryVersionOnceThenTheEnd()
    {
        var order = await world.Shop.PlaceAsync();
        await using var events = await EventReader.OpenAsync(world.Shop, $"/orders/{order.Id}/events");
        Assert.Equal("no-store", string.Join(", ", events.Response.Headers.GetValues("Cache-Control")));
        Assert.Equal("no", string.Join(", ", events.Response.Headers.GetValues("X-Accel-Buffering")));
        Answer.AssertSecurityHeaders(events.Response.Headers);

        var first = await events.NextAsync();
        await world.Shop.PaidAsync(order);
        var told = new List<ServerEvent> { first! };
        while (await events.NextAsync() is { } next)
        {
            told.Add(next);
        }

        Assert.Equal(order.Answer.Version, first!.Id);
        Assert.Equal(told.Select(e => e.Id).Distinct().Order(), told.Select(e => e.Id));
        Assert.All(told, e => Assert.Equal(e.Id, JsonDocument.Parse(e.Data).RootElement.GetProperty("version").GetInt64()));
        Assert.Equal("completed", JsonDocument.Parse(told[^1].Data).RootElement.GetProperty("paymentStatus").GetString());
        Assert.Equal((await world.Shop.ReadAsync(order)).Text, told[^1].Data);
        await world.Shop.ParkedAsync(0);
    }

    [Fact]
    public async Task Events_BackWithTheLastIdAfterTheEnd_Is204()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.PaidAsync(order);
        var version = (await world.Shop.ReadAsync(order)).Version;

        var back = await world.Shop.GetAsync($"/orders/{order.Id}/events", ("Last-Event-ID", $"{version}"));

        Assert.Equal(204, back.Status);
        Assert.Empty(back.Bytes);
        Answer.AssertSecurityHeaders(back.Headers);
    }

    [Fact]
    public async Task Events_BackWithAnEarlierId_TellsOnlyWhatIsNewer()
    {
        var order = await world.Shop.PlaceAsync();
        await using var same = await EventReader.OpenAsync(world.Shop, $"/orders/{order.Id}/events", order.Answer.Version);
        await world.Shop.ParkedAsync(1);
        await world.Shop.PaidAsync(order);

        var next = await same.NextAsync();
        Assert.True(next!.Id > order.Answer.Version);
        await using var earlier = await EventReader.OpenAsync(world.Shop, $"/orders/{order.Id}/events", order.Answer.Version);
        Assert.Equal((await world.Shop.ReadAsync(order)).Text, (await earlier.NextAsync())!.Data);
        Assert.Null(await earlier.NextAsync());
    }

    [Theory]
    [InlineData("rubbish")]
    [InlineData("99999")]
    public async Task Events_BackWithAnIdThatIsNone_TellsTheStoredView(string id)
    {
        var order = await world.Shop.PlaceAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/orders/{order.Id}/events");
        request.Headers.TryAddWithoutValidation("Last-Event-ID", id);
        using var response = await world.Shop.Node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal($"id: {order.Answer.Version}", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Events_FailureThenNewAttempt_GoesOnInTheNextStream()
    {
        var order = await world.Shop.PlaceAsync();
        await world.Shop.TellAsync(order, Shop.Cancelled());
        var ended = (await world.Shop.ReadAsync(order)).Version;
        await world.Shop.PayAsync(order);

        await using var events = await EventReader.OpenAsync(world.Shop, $"/orders/{order.Id}/events", ended);
        Assert.Equal("processing", JsonDocument.Parse((await events.NextAsync())!.Data).RootElement.GetProperty("paymentStatus").GetString());
        await world.Shop.PaidAsync(order);
        Assert.Equal("completed", JsonDocument.Parse((await events.NextAsync())!.Data).RootElement.GetProperty("paymentStatus").GetString());
        Assert.Null(await events.NextAsync());
    }

    [Fact]
    [Trait("Acceptance", "14")]
    public async Task Events_NodeStops_TheStreamEnds()
    {
        await using var shop = await world.StartAsync();
        var order = await shop.PlaceAsync();
        await using var events = await EventReader.OpenAsync(shop, $"/orders/{order.Id}/events");
        Assert.NotNull(await events.NextAsync());
        await Until.ValueAsync(async () => (await shop.GetAsync("/health/ready")).Json.GetProperty("parked").GetInt32(), parked => parked > 0);

        await shop.Node.StopAsync();

        Assert.Null(await events.NextAsync());
    }
}
