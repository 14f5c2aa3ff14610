using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>Waits for a condition, with a deadline: never for a time.</summary>
public static class Eventually
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    public static Task IsAsync(Func<bool> condition, string what, double seconds = 10) =>
        IsAsync(() => Task.FromResult(condition()), what, seconds);

    public static async Task IsAsync(Func<Task<bool>> condition, string what, double seconds = 10)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(began).TotalSeconds > seconds)
            {
                Assert.Fail(FormattableString.Invariant($"Not within {seconds} s: {what}"));
            }

            await Task.Delay(Look, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }
}
