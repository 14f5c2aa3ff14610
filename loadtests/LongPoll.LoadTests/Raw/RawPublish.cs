using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LongPoll.LoadTests.Raw;

/// <summary>SUBSCRIBE and PUBLISH on two bare sockets: what the way through Redis takes at least.</summary>
internal sealed class RawPublish : IDisposable
{
    private readonly Socket _publisher;
    private readonly Socket _subscriber;
    private readonly byte[] _command;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly int _messageLength;

    public RawPublish(IPEndPoint redis, int messageLength)
    {
        const string Channel = "order:status:raw";
        string message = new('x', messageLength);
        _command = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $"*3\r\n$7\r\nPUBLISH\r\n${Channel.Length}\r\n{Channel}\r\n${messageLength}\r\n{message}\r\n"));
        _messageLength = string.Create(CultureInfo.InvariantCulture,
            $"*3\r\n$7\r\nmessage\r\n${Channel.Length}\r\n{Channel}\r\n${messageLength}\r\n{message}\r\n").Length;
        _publisher = Connect(redis);
        _subscriber = Connect(redis);
        _subscriber.Send(Encoding.ASCII.GetBytes($"SUBSCRIBE {Channel}\r\n"));
        _ = _subscriber.Receive(_buffer);
    }

    /// <summary>Returns when the subscriber has the whole message.</summary>
    public void Send()
    {
        _publisher.Send(_command);
        for (int received = 0; received < _messageLength;)
            received += _subscriber.Receive(_buffer);
        _ = _publisher.Receive(_buffer);
    }

    public void Dispose()
    {
        _publisher.Dispose();
        _subscriber.Dispose();
    }

    private static Socket Connect(IPEndPoint redis)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(redis);
        return socket;
    }
}
