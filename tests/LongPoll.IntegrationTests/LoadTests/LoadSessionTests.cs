using LongPoll.LoadTests;
using LongPoll.LoadTests.Scripting;
using LongPoll.LoadTests.Stack;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.IntegrationTests.LoadTests;

/// <summary>What the NBomber scripts are made of.</summary>
public sealed class LoadSessionTests
{
    private const string ApiKey = "load-session-api-key";

    [Fact]
    public async Task Buyers_ParkComeBackAndAreTold()
    {
        var listen = OwnProcess.FreeAddress();
        await using var server = await StartAsync(listen);
        await using var session = await LoadSession.StartAsync(server.Address, listen, ApiKey, TestContext.Current.CancellationToken);
        var buyers = await session.PlaceAsync(5, TestContext.Current.CancellationToken);

        foreach (var buyer in buyers)
        {
            await buyer.ParkAsync(TestContext.Current.CancellationToken);
        }

        await buyers[0].ParkAsync(TestContext.Current.CancellationToken);
        var told = await Task.WhenAll(buyers.Select(buyer => buyer.PayAsync(TestContext.Current.CancellationToken)));

        Assert.All(told, t => Assert.True(t is { Complaint: null, Ending: not null } && t.Latency > TimeSpan.Zero, t.ToString()));
        Assert.Equal(5, buyers.Select(buyer => buyer.OrderId).Distinct(StringComparer.Ordinal).Count());
        Assert.All(buyers, buyer => buyer.Dispose());
    }

    [Fact]
    public async Task Server_ThatPushesElsewhere_IsSaidSo()
    {
        await using var server = await StartAsync(OwnProcess.FreeAddress());
        await using var session = await LoadSession.StartAsync(server.Address, OwnProcess.FreeAddress(), ApiKey, TestContext.Current.CancellationToken);

        var impossible = await Assert.ThrowsAsync<RunImpossibleException>(() => session.PlaceAsync(TestContext.Current.CancellationToken));

        Assert.Contains("PayHero__BaseUrl", impossible.Message, StringComparison.Ordinal);
    }

    private static async Task<ServerNode> StartAsync(Uri payHero) => await ServerNode.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
    {
        ["ConnectionStrings:Postgres"] = await Servers.CreateDatabaseAsync(),
        ["ConnectionStrings:Redis"] = Servers.Redis,
        ["PayHero:BaseUrl"] = new Uri(payHero, "/sandbox/payhero").ToString(),
        ["Orders:ApiKey"] = ApiKey,
        ["Logging:LogLevel:Default"] = "None",
    });
}
