using System.Diagnostics;
using System.Net;
using LongPoll.IntegrationTests.Faults.Support;
using Xunit;

namespace LongPoll.IntegrationTests.Faults;

/// <summary>A deploy: SIGTERM for a real process in which many pages wait.</summary>
[Collection(FaultsCollection.Name)]
public sealed class DrainTests
{
    private const int Parked = 300;
    private const double DrainSeconds = 5;

    // With three orders: pages of one order were all let go in the same moment, because the drain went through the orders
    // and not through those who wait. Three hundred pages of three orders left in three bursts, and came back so.
    [Theory]
    [Trait("Acceptance", "14")]
    [InlineData(100)]
    [InlineData(3)]
    public async Task Terminate_ThreeHundredParked_AllAnsweredSpreadOverTheDrainTime(int orderCount)
    {
        await using var till = await Till.StartAsync();
        var database = await Servers.CreateDatabaseAsync();
        await using var server = await ServerProcess.StartAsync(
            database, Servers.Redis, till.Address, new Dictionary<string, string>(StringComparer.Ordinal) { ["LongPoll__DrainTime"] = "00:00:05" });
        var orders = await Buyers.OrdersAsync(server.Client, orderCount);
        var late = await Buyers.OrdersAsync(server.Client, 1);
        var waits = Enumerable.Range(0, Parked).Select(i => Buyers.WaitAsync(server.Client, orders[i % orderCount].OrderId, seconds: 120)).ToArray();
        await Buyers.ParkedAsync(Parked, server.Client);

        var began = Stopwatch.GetTimestamp();
        server.Terminate();
        await Soon.TrueAsync(async () => await StatusAsync(server, "/health/ready") == HttpStatusCode.ServiceUnavailable, "the node is no longer ready", seconds: 2);

        // What comes while it drains: new pages are sent elsewhere, a callback is settled all the same.
        var hints = await RefusedWaitsAsync(server, orders[0].OrderId);
        var taken = await Till.PayAsync(till.PushFor(late[0].Number)!, () => server.Address);
        var answers = await Task.WhenAll(waits);
        var exitCode = await server.ExitAsync();

        Assert.All(answers, a => Assert.Equal((HttpStatusCode.OK, "draining", "processing"), (a.Status, a.Ending, a.PaymentStatus)));
        Spread(answers.Select(a => Stopwatch.GetElapsedTime(began, a.LetGo).TotalSeconds).Order().ToArray());
        Assert.True(hints.Distinct().Count() > 1, "Retry-After is the same for everybody: they all come back together");
        Assert.Empty(taken.Refusals);
        Assert.Equal("applied", taken.Body.GetProperty("result").GetString());
        Assert.Equal(0, exitCode);
        await new Books(database).PaidOnceAsync(late[0].OrderId);
    }

    // Evenly over five seconds would be 30 answers in each half second.
    private static void Spread(double[] seconds)
    {
        Assert.True(seconds[0] < 1, $"the first answer came after {seconds[0]:0.0} s");
        Assert.InRange(seconds[^1], DrainSeconds * 0.8, DrainSeconds + 2);
        var fullest = seconds.GroupBy(s => (int)(s * 2)).Max(half => half.Count());
        Assert.True(fullest <= Parked / 5, $"{fullest} of {Parked} answers came within half a second");
    }

    private static async Task<IReadOnlyList<int>> RefusedWaitsAsync(ServerProcess server, Guid orderId)
    {
        var hints = new List<int>();
        for (var i = 0; i < 12; i++)
        {
            using var answer = await server.Client.GetAsync(new Uri($"/orders/{orderId}/wait", UriKind.Relative));
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            hints.Add((int)answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        }

        return hints;
    }

    private static async Task<HttpStatusCode> StatusAsync(ServerProcess server, string path)
    {
        using var answer = await server.Client.GetAsync(new Uri(path, UriKind.Relative));
        return answer.StatusCode;
    }
}
