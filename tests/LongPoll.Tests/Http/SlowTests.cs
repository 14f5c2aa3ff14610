using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>What takes its time by contract: once, and beside everything else.</summary>
public sealed class HeartbeatTests(SqliteWorld world) : IClassFixture<SqliteWorld>
{
    [Fact]
    public async Task Events_Quiet_CarryACommentEveryFifteenSeconds()
    {
        var order = await world.Shop.PlaceAsync();
        var address = world.Shop.Node.Address;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /orders/{order.Id}/events HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var began = Stopwatch.GetTimestamp();

        string? line;
        do
        {
            line = await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }
        while (line is not null && !line.StartsWith(':'));

        Assert.NotNull(line);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 13, 20);
    }
}

/// <summary>A provider that takes the connection and says nothing.</summary>
public sealed class HangingProviderTests(SqliteWorld world) : IClassFixture<SqliteWorld>
{
    [Fact]
    [Trait("Acceptance", "77")]
    public async Task Push_ProviderHangs_TheOrderIsAnsweredAndStillPaid()
    {
        var phone = Shop.NewPhone();
        world.PayHero.HoldAnswer(phone);

        var order = await world.Shop.PlaceAsync(phone);

        Assert.Equal("pending", order.Answer.PaymentStatus);
        Assert.Equal("provider_down", order.Answer.Json.GetProperty("reason").GetString());
        Assert.False(order.Answer.Json.GetProperty("safeToRetry").GetBoolean());
        await world.Shop.PaidAsync(order);
        (await world.Shop.ReadAsync(order)).AssertView("completed");
    }
}

/// <summary>Development without any configuration but a file: the sandbox inside the server plays provider and phone.</summary>
public sealed class SandboxFlowTests
{
    [Theory]
    [Trait("Acceptance", "58")]
    [InlineData("pin", "completed", null)]
    [InlineData("cancel", "cancelled", "cancelled_by_buyer")]
    [InlineData("wrong_pin", "failed", "wrong_pin")]
    [InlineData("insufficient_funds", "failed", "insufficient_funds")]
    public async Task Order_AnsweredOnThePretendPhone_EndsAccordingly(string action, string status, string? reason)
    {
        var file = Path.Combine(Path.GetTempPath(), $"longpoll-test-{Guid.NewGuid():N}.db");
        await using (var node = await ServerNode.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["ConnectionStrings:Sqlite"] = $"Data Source={file}" }))
        await using (var fake = await FakePayHero.StartAsync())
        {
            var shop = new Shop(node, fake);
            var order = await shop.PlaceAsync();
            var waiting = shop.WaitAsync(order);
            await shop.ParkedAsync(1);

            var prompt = Assert.Single((await shop.GetAsync("/sandbox/prompts?phone=" + order.Phone)).Json.EnumerateArray());
            using var answer = await node.Client.PostAsJsonAsync(
                $"/sandbox/prompts/{prompt.GetProperty("reference").GetString()}/answer", new { action }, JsonSerializerOptions.Web, TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode);

            var view = (await waiting).AssertView(status, "notified").Json;
            Assert.Equal(reason, view.GetProperty("reason").GetString());
        }

        foreach (var left in Directory.EnumerateFiles(Path.GetTempPath(), Path.GetFileName(file) + "*"))
        {
            File.Delete(left);
        }
    }

    [Theory]
    [InlineData("refuse", "failed")]
    [InlineData("down", "pending")]
    [InlineData("lose_answer", "pending")]
    public async Task Order_SandboxMisbehaves_StandsAllTheSame(string pushes, string status)
    {
        var file = Path.Combine(Path.GetTempPath(), $"longpoll-test-{Guid.NewGuid():N}.db");
        await using (var node = await ServerNode.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal) { ["ConnectionStrings:Sqlite"] = $"Data Source={file}" }))
        await using (var fake = await FakePayHero.StartAsync())
        {
            var shop = new Shop(node, fake);
            using var set = await node.Client.PutAsJsonAsync("/sandbox/payhero/behaviour", new { pushes }, JsonSerializerOptions.Web, TestContext.Current.CancellationToken);
            Assert.True(set.IsSuccessStatusCode);

            var order = await shop.PlaceAsync();

            Assert.Equal(status, order.Answer.PaymentStatus);
            Assert.Equal(status == "failed", order.Answer.Json.GetProperty("safeToRetry").GetBoolean());
        }

        foreach (var left in Directory.EnumerateFiles(Path.GetTempPath(), Path.GetFileName(file) + "*"))
        {
            File.Delete(left);
        }
    }
}
