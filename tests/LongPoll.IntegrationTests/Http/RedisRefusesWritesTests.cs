using System.Diagnostics;
using LongPoll.IntegrationTests.Bus;
using LongPoll.Tests.Http;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>A Redis that is full, or has become read-only: it keeps nothing any more, but it still carries messages.</summary>
public sealed class RedisRefusesWritesTests(PostgresWorld world) : IClassFixture<PostgresWorld>
{
    // Redis answers OOM to what would take memory, and READONLY to what would write on a replica.
    private static readonly Dictionary<string, (string[] Break, string[] Mend)> Faults = new(StringComparer.Ordinal)
    {
        ["OOM"] = (["CONFIG", "SET", "maxmemory", "1"], ["CONFIG", "SET", "maxmemory", "0"]),
        ["READONLY"] = (["REPLICAOF", "127.0.0.1", "1"], ["REPLICAOF", "NO", "ONE"]),
    };

    [Theory]
    [Trait("Acceptance", "18")]
    [InlineData("OOM")]
    [InlineData("READONLY")]
    public async Task Redis_RefusesToWrite_PagesOfBothNodesAreStillNotifiedAndNothingIsOwed(string fault)
    {
        await using var redis = await RedisServer.StartNewAsync();
        await using var first = await world.StartAsync(("ConnectionStrings:Redis", redis.Connection));
        await using var second = await world.StartAsync(("ConnectionStrings:Redis", redis.Connection));
        using var wire = await RedisWire.ConnectAsync(redis.Connection);
        var orders = new List<Placed>();
        for (var i = 0; i < 6; i++)
        {
            orders.Add(await first.PlaceAsync());
        }

        var waits = orders.Take(3).SelectMany(o => (Task<Answer>[])[first.WaitAsync(o), second.WaitAsync(o)]).ToList();
        await second.ParkedAsync(3);
        Assert.Equal("+OK", await wire.AskAsync(Faults[fault].Break));
        Assert.StartsWith("-" + fault, await wire.AskAsync("SET", "probe", "x"), StringComparison.Ordinal);
        waits.AddRange(orders.Skip(3).SelectMany(o => (Task<Answer>[])[first.WaitAsync(o), second.WaitAsync(o)]));
        await first.ParkedAsync(orders.Count);
        await second.ParkedAsync(orders.Count);

        foreach (var order in orders)
        {
            var began = Stopwatch.GetTimestamp();
            await first.PaidAsync(order);
            Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(1), "a callback waited for Redis");
        }

        Assert.All(await Task.WhenAll(waits), a => a.AssertView("completed", "notified"));
        Assert.Equal(200, (await first.GetAsync("/health/ready")).Status);
        Assert.Equal(200, (await second.GetAsync("/health/ready")).Status);
        foreach (var order in orders)
        {
            (await second.WaitAsync(order)).AssertView("completed", "database");
            await Until.ValueAsync(
                () => world.ScalarAsync("select count(*) from orders where order_id = $1 and announced_version = version", Guid.Parse(order.Id)), count => count == 1);
        }

        Assert.Equal("+OK", await wire.AskAsync(Faults[fault].Mend));
        var later = await first.PlaceAsync();
        await first.PaidAsync(later);
        (await Until.ValueAsync(() => second.WaitAsync(later), a => a.Ending == "cache")).AssertView("completed");
    }
}
