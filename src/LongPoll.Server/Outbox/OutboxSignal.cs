using System.Threading.Channels;

namespace LongPoll.Server.Outbox;

/// <summary>
/// Wakes the worker after a commit. One slot: a nudge that lands while the worker is between its query and its
/// wait is kept, and a hundred nudges are one.
/// </summary>
internal sealed class OutboxSignal
{
    private readonly Channel<bool> _slot = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Nudge() => _slot.Writer.TryWrite(true);

    /// <summary>Returns at a nudge, or when the time is up.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider clock, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timeUp = new CancellationTokenSource(atMost, clock);
        using var link = timeUp.Token.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), patience);
        try
        {
            await _slot.Reader.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            // Time to sweep.
        }
    }
}
