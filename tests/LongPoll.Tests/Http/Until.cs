using System.Diagnostics;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Waits for a condition, with a deadline instead of a sleep.</summary>
public static class Until
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    public static async Task<T> ValueAsync<T>(Func<Task<T>> look, Predicate<T> good, TimeSpan? limit = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (good(seen))
            {
                return seen;
            }

            if (Stopwatch.GetElapsedTime(began) > (limit ?? Deadline))
            {
                Assert.Fail($"Did not come to pass; last seen: {seen}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(Func<bool> condition, TimeSpan? limit = null) =>
        ValueAsync(() => Task.FromResult(condition()), good => good, limit);
}
