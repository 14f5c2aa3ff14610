using LongPoll.Sandbox.Phone;

namespace LongPoll.Sandbox.Verdict;

/// <summary>How long the server takes for a callback, so that racers come while it is at work, on a fast machine as on a busy one.</summary>
internal sealed class CallbackPace(TimeProvider clock)
{
    private const double Slowest = 500;

    private double _milliseconds = 15;

    /// <summary>A little longer than usual, so that some racers come just too late.</summary>
    public TimeSpan Typical => TimeSpan.FromMilliseconds(Volatile.Read(ref _milliseconds) * 1.2);

    /// <summary>Follows the callback of this prompt, which leaves now.</summary>
    public async Task FollowAsync(Prompt prompt)
    {
        if (prompt.CallbackOver.Task.IsCompleted)
            return;
        long began = clock.GetTimestamp();
        await prompt.CallbackOver.Task;
        double took = Math.Min(clock.GetElapsedTime(began).TotalMilliseconds, Slowest);

        // Two at once may lose one of their measurements; it is an average.
        Volatile.Write(ref _milliseconds, (Volatile.Read(ref _milliseconds) * 0.9) + (took * 0.1));
    }
}
