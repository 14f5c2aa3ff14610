using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Pages;

/// <summary>The newest pay pages in memory; the oldest is forgotten when <see cref="SandboxOptions.PromptsKept"/> is reached.</summary>
public sealed class PayPageStore(IOptions<SandboxOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PayPage> _byId = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <summary>The page with this id, or null when there is none or it was forgotten.</summary>
    public PayPage? Find(string id)
    {
        lock (_gate)
            return _byId.GetValueOrDefault(id);
    }

    /// <summary>Every page, oldest first.</summary>
    public IReadOnlyList<PayPage> All()
    {
        lock (_gate)
            return [.. _order.Select(id => _byId[id])];
    }

    /// <summary>The page with this id; made when there is none. Whoever asks a second time gets the same one.</summary>
    internal PayPage GetOrAdd(string id, Func<PayPage> make, out bool added)
    {
        lock (_gate)
        {
            added = !_byId.TryGetValue(id, out PayPage? page);
            if (!added)
                return page!;
            page = make();
            _byId.Add(id, page);
            _order.Enqueue(id);
            if (_order.Count > options.Value.PromptsKept)
                _byId.Remove(_order.Dequeue());
            return page;
        }
    }
}
