using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
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

    /// <summary>Before HTTP/2 it is the connection that ends. Here it goes on, and other pages wait on it.</summary>
    [Fact]
    public async Task Wait_OverHttp2_OnePageOfAConnectionLeaves_TheOtherIsAnswered()
    {
        await using var shop = await world.StartAsync(
            ("Kestrel:Endpoints:One:Url", "http://127.0.0.1:0"), ("Kestrel:Endpoints:Two:Url", "http://127.0.0.1:0"), ("Kestrel:Endpoints:Two:Protocols", "Http2"));
        var addresses = shop.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses;
        using var client = new HttpClient { BaseAddress = new Uri(Assert.Single(addresses, a => new Uri(a) != shop.Node.Address)) };
        var (leaves, stays) = (await shop.PlaceAsync(), await shop.PlaceAsync());
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var left = WaitAsync(leaves, leaving.Token);
        var stayed = WaitAsync(stays, Cancel);
        await shop.ParkedAsync(2);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await shop.ParkedAsync(1);
        await shop.PaidAsync(stays);
        using var answer = await stayed;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpVersion.Version20, answer.Version);
        await shop.ParkedAsync(0);

        async Task<HttpResponseMessage> WaitAsync(Placed order, CancellationToken cancel)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/orders/{order.Id}/wait") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            return await client.SendAsync(request, cancel);
        }
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
