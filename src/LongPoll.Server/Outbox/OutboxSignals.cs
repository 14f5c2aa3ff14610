using System.Collections.Concurrent;

namespace LongPoll.Server.Outbox;

/// <summary>A signal for each kind of message: who promises something wakes only the lane that keeps it.</summary>
internal sealed class OutboxSignals
{
    private readonly ConcurrentDictionary<string, OutboxSignal> _byKind = new(StringComparer.Ordinal);

    public OutboxSignal For(string kind) => _byKind.GetOrAdd(kind, static _ => new OutboxSignal());
}
