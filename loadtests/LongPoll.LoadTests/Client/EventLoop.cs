using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace LongPoll.LoadTests.Client;

/// <summary>
/// One thread that reads all connections and tells their handlers. Instants are taken right after the read that completes
/// an answer, so nothing of what the runner does with it counts.
/// </summary>
internal sealed class EventLoop : IDisposable
{
    private const int EventsAtOnce = 512;
    private const int PatienceMs = 100;

    private readonly TimeProvider _clock;
    private readonly int _poll = Libc.OpenPoll();
    private readonly ConcurrentDictionary<int, Connection> _connections = new();
    private readonly Thread _thread;
    private byte[] _buffer = new byte[256 * 1024];
    private volatile bool _stopping;

    public EventLoop(TimeProvider clock)
    {
        _clock = clock;
        _thread = new Thread(Run) { IsBackground = true, Name = "client" };
        _thread.Start();
    }

    /// <summary>Begins to connect; never waits.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="from">The source address; null leaves it to the kernel.</param>
    /// <param name="handler">Whoever is told what becomes of it.</param>
    public Connection Open(in Libc.SocketAddress to, in Libc.SocketAddress? from, IConnectionHandler handler)
    {
        int socket = Libc.OpenSocket();
        Connection connection = new(socket, handler);
        if (from is { } source)
            Libc.BindAddress(socket, in source);
        _connections[socket] = connection;
        if (Libc.Connect(socket, in to, Marshal.SizeOf<Libc.SocketAddress>()) < 0
            && Marshal.GetLastPInvokeError() is var error and not Libc.InProgress)
        {
            connection.Dispose();
            throw new RunImpossibleException($"connect: {Libc.Explain(error)}.");
        }

        Libc.Watch(_poll, Libc.Add, socket, Libc.Writable);
        return connection;
    }

    public void Dispose()
    {
        _stopping = true;
        _thread.Join();
        foreach (Connection connection in _connections.Values)
            connection.Dispose();
        _ = Libc.Close(_poll);
    }

    private void Run()
    {
        byte[] events = new byte[EventsAtOnce * Libc.EventSize];
        while (!_stopping)
        {
            int count = Libc.WaitForEvents(_poll, ref MemoryMarshal.GetArrayDataReference(events), EventsAtOnce, PatienceMs);
            for (int i = 0; i < count; i++)
            {
                (int socket, _) = Libc.EventAt(events, i);
                if (_connections.TryGetValue(socket, out Connection? connection) && connection.Socket == socket)
                    Serve(connection);
            }
        }
    }

    private void Serve(Connection connection)
    {
        try
        {
            if (!connection.IsConnected)
                FinishConnecting(connection);
            else
                Read(connection);
        }
        catch (Exception fault)
        {
            // Whatever it was, it concerns this connection and is told as its fault: the run goes on and says so at its end.
            Break(connection, fault is InvalidDataException ? fault.Message : fault.ToString());
        }
    }

    private void FinishConnecting(Connection connection)
    {
        int error = Libc.ErrorOf(connection.Socket);
        if (error != 0)
        {
            Break(connection, $"connect: {Libc.Explain(error)}");
            return;
        }

        connection.IsConnected = true;
        Libc.Watch(_poll, Libc.Modify, connection.Socket, Libc.Readable);
        connection.Handler.Connected(connection);
    }

    private void Read(Connection connection)
    {
        int filled = connection.Fragment.Length;
        if (_buffer.Length < 2 * filled)
            Array.Resize(ref _buffer, 4 * filled);
        connection.Fragment.CopyTo(_buffer, 0);
        nint read = Libc.Receive(connection.Socket, ref _buffer[filled], _buffer.Length - filled, 0);
        long at = _clock.GetTimestamp();
        if (read <= 0)
        {
            int error = read == 0 ? 0 : Marshal.GetLastPInvokeError();
            if (error is not (Libc.TryAgain or Libc.Interrupted))
                Break(connection, error == 0 ? "the server closed the connection" : Libc.Explain(error));
            return;
        }

        ReadOnlySpan<byte> arrived = _buffer.AsSpan(0, filled + (int)read);
        while (!connection.IsClosed && HttpAnswer.TryRead(arrived, out HttpAnswer answer, out int length))
        {
            connection.Handler.Answered(connection, answer, at);
            arrived = arrived[length..];
        }

        connection.Fragment = arrived.IsEmpty ? [] : arrived.ToArray();
    }

    private static void Break(Connection connection, string why)
    {
        if (connection.IsClosed)
            return;
        connection.Dispose();
        connection.Handler.Broken(connection, why);
    }
}
