using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>
/// Stands between a server under test and its PostgreSQL or Redis, and sees every message on its way there. It can be cut,
/// can be slow, and can stop the world before a message goes on or after it was answered.
/// </summary>
internal sealed class WireProxy : IAsyncDisposable
{
    private readonly ConcurrentDictionary<WireConnection, byte> _open = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly EndPoint _target;
    private readonly Func<IWireReader> _reader;
    private TcpListener _listener;
    private Task _accepting;

    public WireProxy(EndPoint target, Func<IWireReader> reader)
    {
        (_target, _reader) = (target, reader);
        _listener = new TcpListener(IPAddress.Loopback, OwnProcess.FreePort());
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync(_listener);
    }

    public int Port { get; }

    /// <summary>The most connections that were open at one time.</summary>
    public int MostOpen { get; private set; }

    /// <summary>How long every message is held up.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Sees each message before it goes on. False: it never does, and the connection ends.</summary>
    public Func<WireMessage, ValueTask<bool>>? Before { get; set; }

    /// <summary>
    /// Sees each message once it has gone on and, where it is one that is answered, once the whole answer is there, before
    /// its end goes back. False: that never does, and the connection ends.
    /// </summary>
    public Func<WireMessage, ValueTask<bool>>? After { get; set; }

    /// <summary>Breaks every connection and refuses new ones.</summary>
    public async Task CutAsync()
    {
        _listener.Stop();
        await _accepting;
        foreach (var connection in _open.Keys)
        {
            connection.Close();
        }
    }

    /// <summary>Whatever is open from now on carries nothing in either direction, and stays open: a router on the way has forgotten it.</summary>
    public void Silence()
    {
        foreach (var connection in _open.Keys)
        {
            connection.Silent = true;
        }
    }

    public void Mend()
    {
        _listener = new TcpListener(IPAddress.Loopback, Port);
        _listener.Start();
        _accepting = AcceptAsync(_listener);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await CutAsync();
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Cut, or over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        var connection = new WireConnection(this, client, server, _reader());
        try
        {
            await server.ConnectAsync((IPEndPoint)_target, _stop.Token);
            _open[connection] = 0;
            MostOpen = Math.Max(MostOpen, _open.Count);
            await connection.RunAsync(_stop.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two has gone; the other is told by the end of its connection.
        }
        finally
        {
            _open.TryRemove(connection, out _);
            connection.Close();
        }
    }
}
