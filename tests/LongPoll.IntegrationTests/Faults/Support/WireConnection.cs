using System.Collections.Concurrent;
using System.Net.Sockets;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>One connection through a <see cref="WireProxy"/>.</summary>
internal sealed class WireConnection(WireProxy proxy, TcpClient client, TcpClient server, IWireReader reader)
{
    // What was asked and is not answered yet. Both servers answer in the order of the questions.
    private readonly ConcurrentQueue<WireMessage> _unanswered = new();
    private volatile bool _silent;

    /// <summary>What comes goes nowhere from now on; only the end of the connection still does.</summary>
    public bool Silent
    {
        set => _silent = value;
    }

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

    private Task ForthAsync(CancellationToken stop) => PumpAsync<WireMessage>(
        client.GetStream(),
        bytes => reader.Read(bytes.Span),
        async (message, bytes) =>
        {
            if (proxy.Delay > TimeSpan.Zero)
            {
                await Task.Delay(proxy.Delay, TimeProvider.System, stop);
            }

            // False ends the connection to the server behind as well: a transaction left open there would hold its locks.
            if (!await MayGoOnAsync(proxy.Before, message))
            {
                return false;
            }

            if (message.Answered)
            {
                _unanswered.Enqueue(message);
            }

            if (_silent)
            {
                return true;
            }

            await server.GetStream().WriteAsync(bytes, stop);
            return message.Answered || await MayGoOnAsync(proxy.After, message);
        },
        stop);

    private Task BackAsync(CancellationToken stop) => PumpAsync<WireAnswer>(
        server.GetStream(),
        bytes => reader.ReadAnswer(bytes.Span),
        async (answer, bytes) =>
        {
            if (_silent)
            {
                return true;
            }

            if (answer.Completes && _unanswered.TryDequeue(out var asked) && !await MayGoOnAsync(proxy.After, asked))
            {
                return false;
            }

            await client.GetStream().WriteAsync(bytes, stop);
            return true;
        },
        stop);

    private static async ValueTask<bool> MayGoOnAsync(Func<WireMessage, ValueTask<bool>>? asked, WireMessage message) =>
        asked is null || await asked(message);

    /// <summary>Hands on message by message, until there are no more or one is not to go on.</summary>
    private static async Task PumpAsync<T>(
        NetworkStream from, Func<ReadOnlyMemory<byte>, T?> first, Func<T, ReadOnlyMemory<byte>, Task<bool>> pass, CancellationToken stop)
        where T : class, IWirePart
    {
        var buffer = new byte[16 * 1024];
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
            while (first(buffer.AsMemory(done, filled - done)) is { } part)
            {
                if (!await pass(part, buffer.AsMemory(done, part.Length)))
                {
                    return;
                }

                done += part.Length;
            }

            buffer.AsSpan(done, filled - done).CopyTo(buffer);
            filled -= done;
        }
    }
}
