using System.Data.Common;

namespace LongPoll.Server.Payments;

/// <summary>
/// Reports that arrive together share one commit. The first is taken at once: alone it waits for nobody. What comes while
/// commits are under way is the next batch, and in a rush batches are of about one size: beside a large one that has just begun no small
/// one begins. Each caller hears after its own commit, and a report that the store cannot take fails alone.
/// </summary>
/// <param name="settle">
/// Settles a batch and tells for each report how it ended; null when it must be tried again, because its order moved
/// meanwhile, or because another report of the batch is about the same order or the same money.
/// </param>
/// <param name="load">Is told of each batch that makes a rush.</param>
/// <param name="clock">Tells how long a caller has waited, and a commit has taken.</param>
internal sealed class GroupCommit(
    Func<IReadOnlyList<PaymentReport>, Task<IReadOnlyList<Settlement?>>> settle, DoorLoad load, TimeProvider clock)
{
    /// <summary>Commits under way at a time: while one waits for the disk the next is being written.</summary>
    public const int AtOnce = 2;
    private const int MostInBatch = 64;

    /// <summary>So many at a time are not chance: callbacks come faster than they are committed.</summary>
    private const int Rush = 4;

    // Rounds in which nothing of the batch got through: somebody else moved all its orders. Each time somebody does get
    // through, so this many are only reached when something is badly wrong.
    private const int MostRounds = 20;

    /// <summary>A caller that waited this long for its turn is told to come again: the store takes nothing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A commit takes a few milliseconds. For the end of one that takes this long nobody waits any more: it hangs, and others need not.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(20);

    private readonly Lock _gate = new();
    private readonly Queue<Entry> _waiting = new();
    private readonly List<Batch> _underWay = new(AtOnce);
    private bool _watched;

    /// <summary>Settles a report; completes when that is committed.</summary>
    /// <exception cref="DbException">The store is away or refused the report; nothing of it was written.</exception>
    /// <exception cref="TimeoutException">The store takes nothing, or the order never stood still.</exception>
    public Task<Settlement> SettleAsync(PaymentReport report)
    {
        var entry = new Entry(report, clock.GetTimestamp());
        Batch? batch;
        lock (_gate)
        {
            _waiting.Enqueue(entry);
            batch = Begin();
        }

        _ = WorkAsync(batch);
        return entry.Task;
    }

    private async Task WorkAsync(Batch? batch)
    {
        while (batch is not null)
        {
            await RunAsync(batch.Entries);
            lock (_gate)
            {
                _underWay.Remove(batch);
                batch = Begin();
            }
        }
    }

    /// <summary>
    /// Takes what waits, as far as it fits; null when nothing may begin. Half as much as what is under way may begin beside it. Less waits for
    /// its end, or in a rush every other commit would be of the one report that came back first.
    /// </summary>
    private Batch? Begin()
    {
        if (_waiting.Count == 0 || _underWay.Count == AtOnce)
        {
            return null;
        }

        if (_underWay is [var other] && _waiting.Count * 2 < other.Reports && Stall - clock.GetElapsedTime(other.Since) is var left && left > TimeSpan.Zero)
        {
            if (!_watched)
            {
                _watched = true;
                _ = WatchAsync(left);
            }

            return null;
        }

        var entries = new List<Entry>(Math.Min(_waiting.Count, MostInBatch));
        while (entries.Count < MostInBatch && _waiting.TryDequeue(out var entry))
        {
            entries.Add(entry);
        }

        if (entries.Count >= Rush)
        {
            load.Rushed();
        }

        var batch = new Batch(entries, clock.GetTimestamp());
        _underWay.Add(batch);
        return batch;
    }

    /// <summary>Who was left to wait for the end of a commit begins all the same when that does not end.</summary>
    private async Task WatchAsync(TimeSpan left)
    {
        // In whole milliseconds, as timers count; and never at once, because whoever begins this holds the gate.
        var wait = Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)), clock);
        await wait.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Batch? batch;
        lock (_gate)
        {
            _watched = false;
            batch = Begin();
        }

        await WorkAsync(batch);
    }

    /// <summary>Never throws: whatever happens, each entry hears of it.</summary>
    private async Task RunAsync(List<Entry> batch)
    {
        foreach (var late in batch.Where(e => clock.GetElapsedTime(e.Since) > Patience).ToArray())
        {
            late.TrySetException(new TimeoutException("The store has not taken anything for a while."));
            batch.Remove(late);
        }

        while (batch.Count > 0)
        {
            try
            {
                var settled = await settle(batch.ConvertAll(static e => e.Report));
                var stood = settled.All(static s => s is null);
                for (var n = 0; n < batch.Count; n++)
                {
                    batch[n].Hear(settled[n], stood);
                }

                batch.RemoveAll(static e => e.Task.IsCompleted);
            }
            catch (Exception e) when (batch.Count > 1 && IsAboutARow(e))
            {
                // One by one, only what is at fault fails.
                foreach (var entry in batch)
                {
                    await RunAsync([entry]);
                }

                return;
            }
            catch (Exception e)
            {
                // After a restart of the database every pooled connection fails once, so everybody has a second try. Should the
                // write have been committed before its connection died, that finds it done.
                batch.ForEach(entry => entry.Fail(e, mayTryAgain: e is DbException { IsTransient: true }));
                batch.RemoveAll(static entry => entry.Task.IsCompleted);
            }
        }
    }

    /// <summary>False when the store as a whole is away or at its limits; then trying one by one would only take longer.</summary>
    private static bool IsAboutARow(Exception e) => e switch
    {
        TimeoutException or DbException { SqlState: null } => false,

        // A row that somebody else holds, a deadlock, a conflict: passing, but the others have nothing to do with it.
        DbException { IsTransient: true } passing => passing.SqlState is "55P03" or "40P01" or "40001",
        _ => true,
    };

    private sealed class Batch(List<Entry> entries, long since)
    {
        /// <summary>Who has not heard yet.</summary>
        public List<Entry> Entries { get; } = entries;

        /// <summary>How many there were.</summary>
        public int Reports { get; } = entries.Count;

        /// <summary>When it began.</summary>
        public long Since { get; } = since;
    }

    private sealed class Entry(PaymentReport report, long since) : TaskCompletionSource<Settlement>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private int _rounds;
        private bool _failed;

        public PaymentReport Report { get; } = report;

        public long Since { get; } = since;

        /// <param name="settled">How it ended, or null: once more.</param>
        /// <param name="stood">Nothing at all of the batch got through.</param>
        public void Hear(Settlement? settled, bool stood)
        {
            if (settled is not null)
            {
                SetResult(settled);
            }
            else if (stood && ++_rounds == MostRounds)
            {
                SetException(new TimeoutException($"An order changed {MostRounds} times while a report about it was being settled."));
            }
        }

        public void Fail(Exception e, bool mayTryAgain)
        {
            if (_failed || !mayTryAgain)
            {
                SetException(e);
            }

            _failed = true;
        }
    }
}

/// <summary>
/// Whether reports about payments, most of them callbacks, come faster than this node commits them, so that several share a commit; what can wait, such
/// as tickets, lets payments go first.
/// </summary>
internal sealed class DoorLoad(TimeProvider clock)
{
    /// <summary>In a rush batches follow each other within milliseconds; a rush that has paused for this long is over.</summary>
    private static readonly TimeSpan Lull = TimeSpan.FromMilliseconds(100);

    // Long ago.
    private long _last = clock.GetTimestamp() - clock.TimestampFrequency;

    /// <summary>A batch was made out of several that had to wait, and that not long ago.</summary>
    public bool Busy => clock.GetElapsedTime(Volatile.Read(ref _last)) < Lull;

    /// <summary>Notes that it is so now.</summary>
    public void Rushed() => Volatile.Write(ref _last, clock.GetTimestamp());
}
