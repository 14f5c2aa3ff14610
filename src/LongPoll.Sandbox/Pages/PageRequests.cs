using System.Collections.Concurrent;

namespace LongPoll.Sandbox.Pages;

/// <summary>Which pages were asked for, and how often: an idempotency key gives the same one, and a fault ends some time.</summary>
internal sealed class PageRequests
{
    private readonly ConcurrentDictionary<string, int> _requests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _ids = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, ConcurrentDictionary<string, int>> _pages = new();

    /// <summary>The id that belongs to a key; made when the key is new.</summary>
    public string IdFor(string key, Func<string> make) => _ids.GetOrAdd(key, _ => make());

    /// <summary>How often this key came, this time included.</summary>
    public int Count(string key) => _requests.AddOrUpdate(key, 1, static (_, before) => before + 1);

    /// <summary>Which page of its order this is: an order has an amount of its own in a seeded run.</summary>
    public int PageOf(long amount, string key)
    {
        ConcurrentDictionary<string, int> keys = _pages.GetOrAdd(amount, static _ => new(StringComparer.Ordinal));
        lock (keys)
            return keys.GetOrAdd(key, static (_, known) => known.Count + 1, keys);
    }
}
