using System.Runtime.CompilerServices;
using Xunit;

namespace LongPoll.Tests.Support;

/// <summary>
/// For what happens on another thread and cannot be awaited: gives the thread away until it is so. It costs as much time
/// as the thing takes, and fails after ten seconds with the words of the condition.
/// </summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task IsTrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Patience, "Never came true: " + what);
            await Task.Yield();
        }
    }

    /// <summary>The result of a task that is about to end: a test that hangs says where.</summary>
    public static Task<T> SoonAsync<T>(this Task<T> task) => task.WaitAsync(Patience);

    public static Task SoonAsync(this Task task) => task.WaitAsync(Patience);
}
