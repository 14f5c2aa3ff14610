using System.Runtime.CompilerServices;
using Xunit;

namespace LongPoll.Tests.Support;

/// <summary>
/// For what happens elsewhere, on another thread or in another process, and cannot be awaited: looks until it is so, with a
/// deadline and never for a time. It costs as much time as the thing takes, and fails with the words of the condition.
/// </summary>
public static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>What another thread is about to do is there within so many looks; what takes longer is looked for with pauses.</summary>
    private const int EagerLooks = 1000;

    public static Task IsAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "", double seconds = 10) =>
        IsAsync(() => Task.FromResult(condition()), what, seconds);

    public static async Task IsAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "", double seconds = 10)
    {
        var began = TimeProvider.System.GetTimestamp();
        for (var looks = 1; !await condition(); looks++)
        {
            if (TimeProvider.System.GetElapsedTime(began).TotalSeconds > seconds)
            {
                Assert.Fail(FormattableString.Invariant($"Not within {seconds} s: {what}"));
            }

            if (looks < EagerLooks)
            {
                await Task.Yield();
            }
            else
            {
                await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>The result of a task that is about to end: a test that hangs says where.</summary>
    public static Task<T> SoonAsync<T>(this Task<T> task) => task.WaitAsync(Patience);

    public static Task SoonAsync(this Task task) => task.WaitAsync(Patience);
}
