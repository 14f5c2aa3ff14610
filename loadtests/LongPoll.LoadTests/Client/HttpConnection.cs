using System.Net;
using System.Net.Sockets;

namespace LongPoll.LoadTests.Client;

/// <summary>
/// One kept-alive HTTP/1.1 connection, one request at a time: a socket and a buffer. HttpClient would work too, but ten
/// thousand parked requests of it cost more than the server that is being measured.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private byte[] _buffer = new byte[2048];
    private int _filled;

    private HttpConnection(Socket socket)
    {
        _socket = socket;
    }

    public static async Task<HttpConnection> OpenAsync(IPEndPoint target, IPAddress? source, CancellationToken cancel)
    {
        Socket socket = new(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (source is not null)
                socket.Bind(new IPEndPoint(source, 0));
            await socket.ConnectAsync(target, cancel);
            return new HttpConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> request, CancellationToken cancel)
    {
        while (!request.IsEmpty)
            request = request[await _socket.SendAsync(request, SocketFlags.None, cancel)..];
    }

    public async ValueTask<HttpAnswer> ReceiveAsync(CancellationToken cancel)
    {
        while (true)
        {
            if (HttpAnswer.TryRead(_buffer.AsSpan(0, _filled), out HttpAnswer answer, out int length))
            {
                _buffer.AsSpan(length, _filled - length).CopyTo(_buffer);
                _filled -= length;
                return answer;
            }

            if (_filled == _buffer.Length)
                Array.Resize(ref _buffer, 2 * _buffer.Length);
            int read = await _socket.ReceiveAsync(_buffer.AsMemory(_filled), SocketFlags.None, cancel);
            if (read == 0)
                throw new IOException("The server closed the connection.");
            _filled += read;
        }
    }

    public void Dispose() => _socket.Dispose();
}
