using System.Threading.Channels;

namespace LongPoll.Server.Outbox;

/// <summary>
/// Wakes a lane of the worker when something is due. One slot: a nudge that lands while the worker is between its query and its
/// wait is kept, and a hundred nudges are one.
/// </summary>
internal sealed class OutboxSignal
{
    private readonly Channel<bool> _slot = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Nudge() => _slot.Writer.TryWrite(true);

    /// <summary>Forgets a nudge: for who is about to query anyway.</summary>
    public void Clear() => _slot.Reader.TryRead(out _);

    /// <summary>Returns at a nudge.</summary>
    public ValueTask<bool> WaitAsync(CancellationToken cancel) => _slot.Reader.ReadAsync(cancel);
}
