using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>Plays a flow once in peace, and then once for each message of it, with a server that is killed before or after it.</summary>
internal sealed class KillEach(KillStage stage, ITestOutputHelper output)
{
    private const int Sample = 8;

    // On a slow machine a look may have done a step before the point stood; a step that never comes fails all the same.
    private const int Tries = 8;

    /// <summary>Returns the steps of the work. Fails when the work does not end right after a kill, or a step cannot be killed at.</summary>
    public async Task<IReadOnlyList<WireStep>> RunAsync<T>(KillFlow<T> flow)
    {
        // How many messages there are is seen in a run in which nobody dies.
        var began = Stopwatch.GetTimestamp();
        var steps = (await PlayAsync(flow, at: null, after: false)).Passed;
        var points = Chosen(steps);
        var again = 0;
        foreach (var (at, after) in points)
        {
            var tries = 1;
            while (!(await PlayAsync(flow, at, after)).Killed)
            {
                again++;
                Assert.True(tries++ < Tries, $"{flow.Name}: {at} did not come again in {Tries} tries, so nobody was killed there");
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{flow.Name}: {steps.Count} messages, {points.Length} points, at each a server was killed, {again} tried again, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s"));
        for (var n = 0; n < steps.Count; n++)
        {
            var killed = string.Join(" and ", points.Where(p => p.At == steps[n]).Select(p => p.After ? "after" : "before"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{n + 1,4}  {steps[n]}  {killed}"));
        }

        return steps;
    }

    /// <summary>One run of the flow: whether a server has died at this step, and what had passed by then.</summary>
    private async Task<(bool Killed, IReadOnlyList<WireStep> Passed)> PlayAsync<T>(KillFlow<T> flow, WireStep? at, bool after)
    {
        var subject = await flow.BeginAsync();
        var server = stage.Server;
        if (at is null)
        {
            stage.Point.Count();
        }
        else
        {
            stage.Point.Arm(at, after, server.KillAsync);
        }

        var working = flow.WorkAsync(subject);
        await Soon.TrueAsync(
            async () => server.Ended || (working.IsCompleted && await flow.DoneAsync(subject)), $"{flow.Name}: the server is killed or done", more: () => $"{(after ? "after" : "before")} {at} {server.Said}");
        var killed = !stage.Point.Disarm();
        var passed = stage.Point.Passed;
        if (killed)
        {
            await server.KilledAsync();
            await stage.NextServerAsync();
        }

        await working;
        stage.Point.Rest();
        await flow.EndsRightAsync(subject);
        return (killed, passed);
    }

    // Whoever looks for work looks again and again.
    private static bool Repeats(WireStep step) =>
        step.Statement.Contains("set announced = true", StringComparison.Ordinal) || step.Statement.Contains("update outbox set leased_until", StringComparison.Ordinal);

    // Before and after each message; all of them or a sample.
    private (WireStep At, bool After)[] Chosen(IReadOnlyList<WireStep> steps)
    {
        // Announcements are noted every 400 ms, as many as have come together by then: a flow may need one note or more.
        (WireStep At, bool After)[] all = [.. steps.Where(step => step.Time == 1 || !Repeats(step)).SelectMany(step => new[] { (step, false), (step, true) })];
        if (FaultRun.Whole)
        {
            return all;
        }

        new Random(FaultRun.Seed(output)).Shuffle(all);
        return all[..Sample];
    }
}
