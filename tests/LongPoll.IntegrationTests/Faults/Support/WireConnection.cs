using System.Net.Sockets;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>One connection through a <see cref="WireProxy"/>.</summary>
internal sealed class WireConnection(WireProxy proxy, TcpClient client, TcpClient server, IWireReader reader)
{
    // What the server's next bytes answer, while somebody wants to see them before they go back.
    private WireMessage? _asked;

    public async Task RunAsync(CancellationToken stop)
    {
        client.NoDelay = server.NoDelay = true;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] pumps = [ForthAsync(either.Token), BackAsync(either.Token)];
        await Task.WhenAny(pumps);
        Close();
        await either.CancelAsync();
        await Task.WhenAll(pumps);
    }

    public void Close()
    {
        client.Close();
        server.Close();
    }

    private async Task ForthAsync(CancellationToken stop)
    {
        var (from, to) = (client.GetStream(), server.GetStream());
        var buffer = new byte[4096];
        var filled = 0;
        while (true)
        {
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var got = await from.ReadAsync(buffer.AsMemory(filled), stop);
            if (got == 0)
            {
                return;
            }

            filled += got;
            var done = 0;
            while (reader.Read(buffer.AsSpan(done, filled - done)) is { } message)
            {
                if (proxy.Delay > TimeSpan.Zero)
                {
                    await Task.Delay(proxy.Delay, TimeProvider.System, stop);
                }

                if (proxy.Before is { } before && !await before(message))
                {
                    // Ends the connection to the server behind as well: a transaction left open there would hold its locks.
                    return;
                }

                if (message.Answered && proxy.WantsAnswer?.Invoke(message) == true)
                {
                    Volatile.Write(ref _asked, message);
                }

                await to.WriteAsync(buffer.AsMemory(done, message.Length), stop);
                done += message.Length;
            }

            buffer.AsSpan(done, filled - done).CopyTo(buffer);
            filled -= done;
        }
    }

    private async Task BackAsync(CancellationToken stop)
    {
        var (from, to) = (server.GetStream(), client.GetStream());
        var buffer = new byte[16 * 1024];
        while (await from.ReadAsync(buffer, stop) is var got and > 0)
        {
            if (Interlocked.Exchange(ref _asked, null) is { } asked && proxy.After is { } after && !await after(asked))
            {
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, got), stop);
        }
    }
}
