using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace LongPoll.IntegrationTests.Http;

/// <summary>
/// Stands before PostgreSQL and counts how often an id is sent to it in a query. Ids travel as sixteen bytes in a
/// parameter, and one is not going to turn up by chance; statement and parameters travel together, so nothing of the
/// protocol has to be understood.
/// </summary>
public sealed class QueryCountingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<byte[]> _sent = [];
    private readonly NpgsqlConnectionStringBuilder _target;
    private Task _accepting = Task.CompletedTask;

    private QueryCountingProxy(string target) => _target = new NpgsqlConnectionStringBuilder(target);

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_target.ConnectionString)
    {
        Host = "127.0.0.1",
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;

    public static Task<QueryCountingProxy> StartAsync(string connectionString)
    {
        var proxy = new QueryCountingProxy(connectionString);
        proxy._listener.Start();
        proxy._accepting = proxy.AcceptAsync();
        return Task.FromResult(proxy);
    }

    /// <summary>
    /// How often this id was read so far. A statement that begins with update does not count: on a slow machine this node
    /// may note an announcement that the other was late with, and that is no read of a wait.
    /// </summary>
    public int CountOf(string orderId)
    {
        Span<byte> id = stackalloc byte[16];
        Guid.Parse(orderId).TryWriteBytes(id, bigEndian: true, out _);
        var count = 0;
        lock (_sent)
        {
            foreach (var chunk in _sent.Where(c => c.AsSpan().IndexOf("update orders"u8) < 0))
            {
                var rest = chunk.AsSpan();
                for (int at; (at = rest.IndexOf(id)) >= 0; rest = rest[(at + id.Length)..])
                {
                    count++;
                }
            }
        }

        return count;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            _ = RelayAsync(await _listener.AcceptTcpClientAsync(_stopping.Token));
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var near = client;
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        await far.ConnectAsync(_target.Host!, _target.Port, _stopping.Token);
        await Task.WhenAny(CopyAsync(near.GetStream(), far.GetStream(), count: true), CopyAsync(far.GetStream(), near.GetStream(), count: false));
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to, bool count)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            for (int read; (read = await from.ReadAsync(buffer, _stopping.Token)) > 0;)
            {
                if (count)
                {
                    lock (_sent)
                    {
                        _sent.Add(buffer[..read]);
                    }
                }

                await to.WriteAsync(buffer.AsMemory(0, read), _stopping.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One side hung up; the other is hung up on.
        }
    }
}
