using System.Net.Sockets;
using LongPoll.IntegrationTests.Bus;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>What <c>redis-cli MONITOR</c> shows of one payment: the commands that the documents name.</summary>
public sealed class RedisMonitorTests(PostgresWorld world) : IClassFixture<PostgresWorld>
{
    [Fact]
    [Trait("Acceptance", "181")]
    [Trait("Acceptance", "187")]
    public async Task Monitor_OfOnePayment_ShowsSubscribeSetexAndPublish()
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var shop = await world.StartAsync(("ConnectionStrings:Redis", redis.Connection));
        var order = await shop.PlaceAsync();
        var lines = new List<string>();
        using var monitor = new TcpClient();
        var (host, port) = (redis.Connection.Split(':')[0], int.Parse(redis.Connection.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture));
        await monitor.ConnectAsync(host, port, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(monitor.GetStream());
        await monitor.GetStream().WriteAsync("MONITOR\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("+OK", await reader.ReadLineAsync(TestContext.Current.CancellationToken));
        var reading = ReadUntilAsync(reader, lines, line => line.Contains($"\"UNSUBSCRIBE\" \"order:status:{order.Id}\"", StringComparison.Ordinal));

        var waiting = shop.WaitAsync(order);
        await shop.ParkedAsync(1);
        await shop.PaidAsync(order);
        (await waiting).AssertView("completed", "notified");
        await reading.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        var mine = lines.Where(l => l.Contains(order.Id, StringComparison.Ordinal)).ToArray();
        int[] at =
        [
            Array.FindIndex(mine, l => l.Contains($"\"SUBSCRIBE\" \"order:status:{order.Id}\"", StringComparison.Ordinal)),
            Array.FindIndex(mine, l => l.Contains($"\"SETEX\" \"order:latest:{order.Id}\" \"60\" \"{{", StringComparison.Ordinal)),
            Array.FindIndex(mine, l => l.Contains($"\"PUBLISH\" \"order:status:{order.Id}\" \"{{", StringComparison.Ordinal)),
            mine.Length - 1,
        ];
        Assert.DoesNotContain(-1, at);
        Assert.Equal(at.Order(), at);
    }

    private static async Task ReadUntilAsync(StreamReader reader, List<string> lines, Predicate<string> last)
    {
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            lines.Add(line);
            if (last(line))
            {
                return;
            }
        }
    }
}
