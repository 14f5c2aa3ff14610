using LongPoll.LoadTests.Provider;

namespace LongPoll.LoadTests.Measure;

/// <summary>
/// Waits until the provider is not asked about payments any more. Questions come in waves: half a minute after a prompt, then after a
/// whole minute, then after two, about all that wait.
/// </summary>
internal sealed class ProviderRest(PretendProvider? provider, TimeProvider clock)
{
    /// <summary>A wave comes in rounds of a second.</summary>
    private static readonly TimeSpan BetweenWaves = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestWave = TimeSpan.FromMinutes(2);

    private int? _asked;

    /// <summary>False once a wave did not end in time: whoever collects then does so among questions, and must say so.</summary>
    public bool Reached { get; private set; } = true;

    /// <summary>Returns at once if nobody has asked since the last time, and else when the wave is over.</summary>
    /// <returns>True when somebody has asked.</returns>
    public async Task<bool> WaitAsync(CancellationToken cancel)
    {
        if (provider is null || !Reached || provider.Questions == _asked)
            return false;
        long began = clock.GetTimestamp();
        do
        {
            Reached = clock.GetElapsedTime(began) < LongestWave;
            _asked = provider.Questions;
            await Task.Delay(BetweenWaves, clock, cancel);
        }
        while (provider.Questions != _asked && Reached);
        return true;
    }
}
