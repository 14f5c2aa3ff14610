using System.Net.Sockets;
using System.Text;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>A client that sends the head of a request and not one byte of the body it announces.</summary>
internal static class HeadAlone
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>The first line of the answer; fails when none comes, because the server waits for the body.</summary>
    public static async Task<string?> PostAsync(Uri server, string path, int length)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        var head = FormattableString.Invariant($"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);
    }
}
