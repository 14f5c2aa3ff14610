using System.Globalization;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>How much of the long suites is played, and by which seed.</summary>
internal static class FaultRun
{
    /// <summary>The long form, by <c>LONGPOLL_FAULTS=all</c>; else a short one, by a seed.</summary>
    public static bool Whole => Environment.GetEnvironmentVariable("LONGPOLL_FAULTS") == "all";

    /// <summary>The seed of this run: printed, and repeated by <c>LONGPOLL_FAULTS_SEED</c>.</summary>
    public static int Seed(ITestOutputHelper output)
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("LONGPOLL_FAULTS_SEED"), CultureInfo.InvariantCulture, out var given) ? given : Random.Shared.Next();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"LONGPOLL_FAULTS_SEED={seed}"));
        return seed;
    }
}
