using System.Diagnostics;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>Waits for conditions, with a deadline and never for a fixed time.</summary>
internal static class Soon
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns when the condition holds; fails the test, with these words, when it does not in time.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, double seconds = 20, Func<string>? more = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed.TotalSeconds > seconds)
            {
                Assert.Fail($"Not within {seconds} s: {what}. {more?.Invoke()}");
            }

            await Task.Delay(Between, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what, double seconds = 20, Func<string>? more = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, seconds, more);

    /// <summary>A stretch of time in which something is observed: not a wait for anything.</summary>
    public static Task ObserveAsync(double seconds) =>
        Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, TestContext.Current.CancellationToken);
}
