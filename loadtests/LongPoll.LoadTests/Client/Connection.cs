using System.Runtime.InteropServices;

namespace LongPoll.LoadTests.Client;

/// <summary>
/// One kept-alive HTTP/1.1 connection. While it waits it holds a file descriptor and this object, no buffer: fifteen
/// thousand of them must not cost more than the server that is being measured.
/// </summary>
internal sealed class Connection : IDisposable
{
    private int _socket;

    internal Connection(int socket, IConnectionHandler handler)
    {
        _socket = socket;
        Handler = handler;
    }

    internal IConnectionHandler Handler { get; }

    /// <summary>True once the connection stands.</summary>
    internal bool IsConnected { get; set; }

    /// <summary>What has arrived of an answer that is not complete.</summary>
    internal byte[] Fragment { get; set; } = [];

    internal bool IsClosed => Volatile.Read(ref _socket) < 0;

    internal int Socket => Volatile.Read(ref _socket);

    /// <summary>Writes a request. May be called from any thread, by one at a time.</summary>
    /// <returns>False when the connection is gone; its handler is told by the loop.</returns>
    public bool TrySend(ReadOnlySpan<byte> request)
    {
        while (!request.IsEmpty)
        {
            nint sent = Libc.Send(Socket, ref MemoryMarshal.GetReference(request), request.Length, Libc.NoSignal);
            if (sent >= 0)
            {
                request = request[(int)sent..];
                continue;
            }

            // A request of some hundred bytes on an idle connection fits into the socket's buffer; the rest is rare and short.
            if (Marshal.GetLastPInvokeError() is not (Libc.TryAgain or Libc.Interrupted))
                return false;
            Thread.Yield();
        }

        return true;
    }

    public void Dispose()
    {
        int socket = Interlocked.Exchange(ref _socket, -1);
        if (socket >= 0)
            _ = Libc.Close(socket);
    }
}
