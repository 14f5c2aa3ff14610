using LongPoll.Server.Bus;
using LongPoll.Tests.Contracts;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.IntegrationTests.Bus;

public sealed class RedisStatusBusTests : StatusBusSuite, IAsyncLifetime
{
    private RedisNode? _node;

    internal override IStatusBus Bus => _node!.Bus;

    public async ValueTask InitializeAsync() => _node = await RedisNode.StartAsync(Servers.Redis, Heard);

    public ValueTask DisposeAsync() => _node!.DisposeAsync();

    [Fact]
    public async Task Announce_ByOneNode_IsHeardByTheOther()
    {
        await using var other = await RedisNode.StartAsync(Servers.Redis);
        var (here, there) = (View(), View());
        await Bus.SubscribeAsync(there.OrderId, Cancel);
        await other.Bus.SubscribeAsync(here.OrderId, Cancel);

        await Bus.AnnounceAsync(here, Cancel);
        await other.Bus.AnnounceAsync(there, Cancel);

        await HeardAsync(there.OrderId, 1);
        await Eventually.IsAsync(() => !other.Heard.Views.IsEmpty, "the other node hears");
        Assert.Equal(here.Json.ToArray(), Assert.Single(other.Heard.Views).Json.ToArray());
        Assert.Equal(here.Json.ToArray(), (await LatestAsync(here.OrderId, other.Bus)).Json.ToArray());
    }

    [Fact]
    public async Task Announce_View_StandsInTheKeyForSixtySeconds()
    {
        var view = View();
        using var redis = await RedisWire.ConnectAsync(Servers.Redis);

        await Bus.AnnounceAsync(view, Cancel);

        Assert.Equal(System.Text.Encoding.UTF8.GetString(view.Json.Span), await redis.AskAsync("GET", $"order:latest:{view.OrderId}"));
        Assert.True(await redis.AskAsync("TTL", $"order:latest:{view.OrderId}") is ":60" or ":59");
    }

    [Fact]
    public async Task Message_OfAForeignProgram_IsDeliveredAsItCame()
    {
        var orderId = Guid.CreateVersion7();
        await Bus.SubscribeAsync(orderId, Cancel);
        using var redis = await RedisWire.ConnectAsync(Servers.Redis);
        var message = $$"""{ "version": 7, "paymentStatus": "completed", "orderId": "{{orderId}}", "more": {"a": [1]} }""";

        Assert.Equal(":1", await redis.AskAsync("PUBLISH", $"order:status:{orderId}", message));

        await HeardAsync(orderId, 1);
        var heard = Assert.Single(Heard.Views);
        Assert.Equal((7, true, true), (heard.Version, heard.Settled, heard.Completed));
        Assert.Equal(message, System.Text.Encoding.UTF8.GetString(heard.Json.Span));
    }

    [Theory]
    [InlineData("paid!")]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"orderId":"{id}"}""")]
    [InlineData("""{"version":1}""")]
    [InlineData("""{"orderId":"{id}","version":"1"}""")]
    [InlineData("""{"orderId":"01900000-0000-7000-8000-000000000000","version":1}""")]
    [InlineData("""{"orderId":"{id}","version":1} and more""")]
    [InlineData("""[{"orderId":"{id}","version":1}]""")]
    public async Task Message_WithoutOrderIdAndVersion_IsOnlyAHint(string message)
    {
        var orderId = Guid.CreateVersion7();
        await Bus.SubscribeAsync(orderId, Cancel);
        using var redis = await RedisWire.ConnectAsync(Servers.Redis);

        await redis.AskAsync("PUBLISH", $"order:status:{orderId}", message.Replace("{id}", orderId.ToString(), StringComparison.Ordinal));

        await Eventually.IsAsync(() => Heard.Hints.Contains(orderId), "a hint");
        Assert.Empty(Heard.Views);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("[1,2]")]
    [InlineData("""{"version":"many"}""")]
    public async Task FindLatest_MalformedEntry_IsNullUntilTheNextAnnouncement(string entry)
    {
        var view = View();
        using var redis = await RedisWire.ConnectAsync(Servers.Redis);
        await redis.AskAsync("SET", $"order:latest:{view.OrderId}", entry);
        await Bus.SubscribeAsync(view.OrderId, Cancel);

        Assert.Null(await Bus.FindLatestAsync(view.OrderId, Cancel));
        await Bus.AnnounceAsync(view, Cancel);

        Assert.Equal(view.Json.ToArray(), (await LatestAsync(view.OrderId)).Json.ToArray());
        await HeardAsync(view.OrderId, 1);
    }

    [Fact]
    public async Task FindLatest_EntryThatIsNoText_IsNullUntilTheNextAnnouncement()
    {
        // A list under the key made every announcement of that order fail, for as long as the list stood there.
        var view = View();
        using var redis = await RedisWire.ConnectAsync(Servers.Redis);
        await redis.AskAsync("RPUSH", $"order:latest:{view.OrderId}", "one");

        Assert.Null(await Bus.FindLatestAsync(view.OrderId, Cancel));
        await Bus.AnnounceAsync(view, Cancel);

        Assert.Equal(view.Json.ToArray(), (await LatestAsync(view.OrderId)).Json.ToArray());
    }

    [Fact]
    public async Task Wire_OfOneOrder_IsWhatTheContractSays()
    {
        var view = View();
        using var monitor = await RedisWire.ConnectAsync(Servers.Redis);
        Assert.Equal("+OK", await monitor.AskAsync("MONITOR"));

        await Bus.SubscribeAsync(view.OrderId, Cancel);
        await Bus.AnnounceAsync(view, Cancel);
        await Bus.UnsubscribeAsync(view.OrderId, Cancel);

        var commands = new List<string>();
        while (commands.Count < 4)
        {
            var line = (await monitor.ReadLineAsync())!;
            if (line.Contains($"{view.OrderId}\"", StringComparison.Ordinal) && !line.Contains("EVAL", StringComparison.Ordinal) && !line.Contains("\"GET\"", StringComparison.Ordinal))
            {
                commands.Add(line[(line.IndexOf(']', StringComparison.Ordinal) + 2)..]);
            }
        }

        Assert.Equal($"\"SUBSCRIBE\" \"order:status:{view.OrderId}\"", commands[0], ignoreCase: true);
        Assert.StartsWith($"\"SETEX\" \"order:latest:{view.OrderId}\" \"60\" ", commands[1], StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith($"\"PUBLISH\" \"order:status:{view.OrderId}\" ", commands[2], StringComparison.OrdinalIgnoreCase);
        Assert.Equal($"\"UNSUBSCRIBE\" \"order:status:{view.OrderId}\"", commands[3], ignoreCase: true);
    }
}
