using System.Net;
using System.Net.Sockets;

namespace LongPoll.LoadTests.Client;

/// <summary>A host and port, resolved once, and the source addresses that make enough ports for it.</summary>
internal sealed class Destination
{
    // 28,232 ephemeral ports for each pair of addresses; some are still in TIME_WAIT from the run before.
    private const int ConnectionsPerSource = 20_000;

    private readonly IPEndPoint _endPoint;
    private int _opened;

    private Destination(Uri address, IPAddress resolved)
    {
        Authority = address.Authority;
        _endPoint = new IPEndPoint(resolved, address.Port);
    }

    /// <summary>The Host header.</summary>
    public string Authority { get; }

    public static async Task<Destination> ResolveAsync(Uri address, CancellationToken cancel)
    {
        try
        {
            IPAddress[] found = await Dns.GetHostAddressesAsync(address.DnsSafeHost, cancel);
            return new Destination(address, found.FirstOrDefault(ip => ip.AddressFamily == AddressFamily.InterNetwork) ?? found[0]);
        }
        catch (SocketException unknown)
        {
            throw new RunImpossibleException($"{address.Host} is not known here.", unknown);
        }
    }

    public Task<HttpConnection> OpenAsync(CancellationToken cancel)
    {
        int number = Interlocked.Increment(ref _opened) - 1;
        IPAddress? source = IPAddress.IsLoopback(_endPoint.Address) && _endPoint.AddressFamily == AddressFamily.InterNetwork
            ? new IPAddress([127, 0, 0, (byte)(1 + (number / ConnectionsPerSource % 250))])
            : null;
        return HttpConnection.OpenAsync(_endPoint, source, cancel);
    }
}
