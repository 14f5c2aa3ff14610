using System.Net.Sockets;
using System.Text;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>
/// A page's connection that sends request after request behind its wait, without end. Its answer is written by the thread that settled the
/// payment: it must not go on there with what was sent ahead.
/// </summary>
public sealed class SentAheadTests(SqliteWorld world) : IClassFixture<SqliteWorld>
{
    [Fact]
    public async Task Wait_WithRequestsSentAheadWithoutEnd_KeepsNobodyElseFromBeingPaid()
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var senders = new List<Task>();
        var orders = new List<Placed>();

        // As many as there are commits at a time, and one more.
        for (var n = 0; n < 3; n++)
        {
            orders.Add(await world.Shop.PlaceAsync());
            senders.Add(SendAsync(orders[n], over.Token));
        }

        await world.Shop.ParkedAsync(3);
        await Task.WhenAll(orders.Select(order => world.Shop.TellAsync(order, Shop.Cancelled()))).SoonAsync();
        var honest = await world.Shop.PlaceAsync().SoonAsync();
        await world.Shop.PaidAsync(honest).SoonAsync();

        Assert.All(senders, sender => Assert.False(sender.IsCompleted, "it must have gone on sending"));
        await over.CancelAsync();
        await Task.WhenAll(senders);
    }

    private async Task SendAsync(Placed order, CancellationToken over)
    {
        var address = world.Shop.Node.Address;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, over);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET /orders/{order.Id}/wait HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"), over);
        var ahead = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", 1000)));
        var sending = RepeatAsync(() => stream.WriteAsync(ahead, over).AsTask());
        var answers = new byte[1 << 20];
        var reading = RepeatAsync(() => stream.ReadAsync(answers, over).AsTask());
        await Task.WhenAll(sending, reading);

        async Task RepeatAsync(Func<Task> step)
        {
            try
            {
                while (!over.IsCancellationRequested)
                {
                    await step();
                }
            }
            catch (Exception e) when (over.IsCancellationRequested && e is OperationCanceledException or IOException)
            {
                // Enough.
            }
        }
    }
}
