using System.Collections.Concurrent;

namespace LongPoll.Server.Orders;

/// <summary>Many callers who ask for the same thing at the same time share one answer.</summary>
internal sealed class SingleFlight<TKey, TResult>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Lazy<Task<TResult>>> _flights = new();

    public Task<TResult> RunAsync(TKey key, Func<Task<TResult>> work)
    {
        Lazy<Task<TResult>>? mine = null;
        mine = new Lazy<Task<TResult>>(() => FlyAsync(key, work, () => mine!));
        return _flights.GetOrAdd(key, mine).Value;
    }

    private async Task<TResult> FlyAsync(TKey key, Func<Task<TResult>> work, Func<Lazy<Task<TResult>>> mine)
    {
        try
        {
            return await work();
        }
        finally
        {
            _flights.TryRemove(new KeyValuePair<TKey, Lazy<Task<TResult>>>(key, mine()));
        }
    }
}
