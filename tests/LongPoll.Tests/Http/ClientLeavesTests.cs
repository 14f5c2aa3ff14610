using System.Net.Sockets;
using System.Text;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>
/// A client that shuts its side while it waits. What tells us of it tells Kestrel as well, in the order of its choice: whoever still listens could be
/// sent 200 with nothing in it.
/// </summary>
public sealed class ClientLeavesTests(SqliteWorld world) : IClassFixture<SqliteWorld>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wait_ClientShutsItsSide_IsToldNothing()
    {
        await using var shop = await world.StartAsync();
        var pages = new List<TcpClient>();
        for (var n = 0; n < 20; n++)
        {
            pages.Add(await BeginAsync(shop));
        }

        await shop.ParkedAsync(pages.Count);
        pages.ForEach(page => page.Client.Shutdown(SocketShutdown.Send));

        Assert.All(await Task.WhenAll(pages.Select(RestAsync)), Assert.Empty);
        await shop.ParkedAsync(0);
        pages.ForEach(page => page.Dispose());
    }

    // The second wait of its connection, so that the first must have left nothing behind.
    private static async Task<TcpClient> BeginAsync(Shop shop)
    {
        var order = await shop.PlaceAsync();
        var address = shop.Node.Address;
        var page = new TcpClient();
        await page.ConnectAsync(address.Host, address.Port, Cancel);
        var answer = new byte[4096];
        var length = 0;
        await SendAsync($"GET /orders/{order.Id}/wait?since=0 HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n");
        while (length == 0 || answer[length - 1] != '}')
        {
            var read = await page.GetStream().ReadAsync(answer.AsMemory(length), Cancel);
            Assert.NotEqual(0, read);
            length += read;
        }

        await SendAsync($"GET /orders/{order.Id}/wait HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n");
        return page;

        async Task SendAsync(string request) => await page.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), Cancel);
    }

    private static async Task<string> RestAsync(TcpClient page)
    {
        try
        {
            var rest = new byte[4096];
            return Encoding.ASCII.GetString(rest, 0, await page.Client.ReceiveAsync(rest, Cancel));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // Nothing was said either.
            return "";
        }
    }
}
