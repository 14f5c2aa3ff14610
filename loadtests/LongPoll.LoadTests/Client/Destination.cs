using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace LongPoll.LoadTests.Client;

/// <summary>A host and port, resolved once, and the source addresses that make enough ports for it.</summary>
internal sealed class Destination
{
    // 28,232 ephemeral ports for each pair of addresses; some are still in TIME_WAIT from the run before.
    private const int ConnectionsPerSource = 20_000;

    private readonly Libc.SocketAddress _address;
    private readonly bool _isLoopback;
    private readonly EventLoop _loop;
    private int _opened;

    private Destination(Uri address, IPAddress resolved, EventLoop loop)
    {
        Address = address;
        Authority = address.Authority;
        _address = Native(resolved, address.Port);
        _isLoopback = IPAddress.IsLoopback(resolved);
        _loop = loop;
    }

    public Uri Address { get; }

    /// <summary>The Host header.</summary>
    public string Authority { get; }

    public static async Task<Destination> ResolveAsync(Uri address, EventLoop loop, CancellationToken cancel)
    {
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(address.DnsSafeHost, AddressFamily.InterNetwork, cancel);
            return new Destination(address, found[0], loop);
        }
        catch (SocketException unknown)
        {
            throw new RunImpossibleException($"{address.Host} has no IPv4 address that is known here.", unknown);
        }
    }

    /// <summary>Begins to connect; never waits.</summary>
    public Connection Open(IConnectionHandler handler)
    {
        int number = Interlocked.Increment(ref _opened) - 1;
        Libc.SocketAddress? source = _isLoopback
            ? Native(new IPAddress([127, 0, 0, (byte)(1 + (number / ConnectionsPerSource % 250))]), 0)
            : null;
        return _loop.Open(in _address, in source, handler);
    }

    private static Libc.SocketAddress Native(IPAddress address, int port)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return new Libc.SocketAddress
        {
            Family = Libc.AddressFamily,
            Port = BinaryPrimitives.ReverseEndianness((ushort)port),
            Address = BitConverter.ToUInt32(bytes),
        };
    }
}
