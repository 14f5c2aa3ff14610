using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LongPoll.Tests.Providers.PayHero;

/// <summary>A request as it came over the wire.</summary>
internal sealed record WireRequest(string Line, string Head, string Body);

/// <summary>What is sent back, to the byte, and what happens to the connection then.</summary>
internal sealed record WireAnswer(string Bytes, bool Hang = false, bool Cut = false)
{
    /// <summary>Closes the connection when it has the whole request, without a word.</summary>
    public static readonly WireAnswer JustCut = new("", Cut: true);

    /// <summary>Has the whole request, and says nothing.</summary>
    public static readonly WireAnswer JustHang = new("", Hang: true);

    public static WireAnswer Json(int status, string body, string type = "application/json") => new(string.Create(
        CultureInfo.InvariantCulture,
        $"HTTP/1.1 {status} Whatever\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
}

/// <summary>
/// PayHero's end of the wire on a loopback port, in bytes: a web server of the platform would be too well behaved to cut
/// a connection in the middle of an answer.
/// </summary>
internal sealed class PayHeroWire : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<WireRequest> _requests = new();
    private readonly Task _accepting;

    public PayHeroWire(Func<WireRequest, WireAnswer> answer)
    {
        Answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Func<WireRequest, WireAnswer> Answer { get; set; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public IReadOnlyCollection<WireRequest> Requests => _requests;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        var stream = client.GetStream();
        try
        {
            while (await ReadAsync(stream) is { } request)
            {
                _requests.Enqueue(request);
                var answer = Answer(request);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(answer.Bytes), _stop.Token);
                if (answer.Hang)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
                }

                if (answer.Cut)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The other side left, or the test is over.
        }
    }

    private async Task<WireRequest?> ReadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var buffer = new byte[8192];
        while (true)
        {
            var read = await stream.ReadAsync(buffer, _stop.Token);
            if (read == 0)
            {
                return null;
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            var all = text.ToString();
            var headEnd = all.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            var chunked = all.Contains("chunked", StringComparison.OrdinalIgnoreCase);
            if (headEnd >= 0 && (!chunked || all.EndsWith("0\r\n\r\n", StringComparison.Ordinal)))
            {
                var body = all[(headEnd + 4)..];
                return new WireRequest(all[..all.IndexOf("\r\n", StringComparison.Ordinal)], all[..headEnd], chunked ? body.Split("\r\n")[1] : body);
            }
        }
    }
}
