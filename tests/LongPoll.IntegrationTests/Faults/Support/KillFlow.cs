using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>A piece of work that is begun anew for each point at which a server dies over it.</summary>
/// <param name="Name">What it is called in the results.</param>
/// <param name="BeginAsync">What must be there before; not part of the work.</param>
/// <param name="WorkAsync">The work, as somebody outside asks for it; may last until a server takes it.</param>
/// <param name="DoneAsync">Everything has been done, for a server that lived.</param>
/// <param name="EndsRightAsync">Checks how it ended, with whoever had to end it.</param>
internal sealed record KillFlow<T>(
    string Name, Func<Task<T>> BeginAsync, Func<T, Task> WorkAsync, Func<T, Task<bool>> DoneAsync, Func<T, Task> EndsRightAsync);

/// <summary>Plays a flow once in peace, and then once for each message of it, with a server that is killed before or after it.</summary>
internal sealed class KillEach(KillStage stage, ITestOutputHelper output)
{
    private const int Sample = 8;
    private const int Tries = 3;

    /// <summary>Returns the steps of the work. Fails when the work does not end right after a kill, or a step can not be killed at.</summary>
    public async Task<IReadOnlyList<WireStep>> RunAsync<T>(KillFlow<T> flow)
    {
        // How many messages there are is seen in a run in which nobody dies.
        var began = Stopwatch.GetTimestamp();
        Assert.False(await KilledAsync(flow, at: null, after: false));
        var steps = _seen;
        var points = Chosen(steps);
        var again = 0;
        foreach (var (at, after) in points)
        {
            var tries = 1;
            while (!await KilledAsync(flow, at, after))
            {
                again++;
                Assert.True(tries++ < Tries, $"{flow.Name}: {at} did not come again in {Tries} tries, so nobody was killed there");
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{flow.Name}: {steps.Count} messages, {points.Length} servers killed, {again} points tried again, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s"));
        for (var n = 0; n < steps.Count; n++)
        {
            var killed = string.Join(" and ", points.Where(p => p.At == steps[n]).Select(p => p.After ? "after" : "before"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{n + 1,4}  {steps[n]}  {killed}"));
        }

        return steps;
    }

    private IReadOnlyList<WireStep> _seen = [];

    /// <summary>One run of the flow; true when a server has died at this step.</summary>
    private async Task<bool> KilledAsync<T>(KillFlow<T> flow, WireStep? at, bool after)
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
        _seen = at is null ? stage.Point.Passed : _seen;
        if (killed)
        {
            await server.KilledAsync();
            await stage.NextServerAsync();
        }

        await working;
        stage.Point.Rest();
        await flow.EndsRightAsync(subject);
        return killed;
    }

    // Before and after each message; all of them or a sample.
    private (WireStep At, bool After)[] Chosen(IReadOnlyList<WireStep> steps)
    {
        // Announcements are noted ten times a second, as many as have come together by then: a flow may need one note or more.
        (WireStep At, bool After)[] all = [.. steps.Where(step => step.Time == 1 || !step.Statement.Contains("set announced = true", StringComparison.Ordinal)).SelectMany(step => new[] { (step, false), (step, true) })];
        if (FaultRun.Whole)
        {
            return all;
        }

        new Random(FaultRun.Seed(output)).Shuffle(all);
        return all[..Sample];
    }
}
