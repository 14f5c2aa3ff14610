using System.Globalization;
using LongPoll.Server.Payments;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>
/// <c>safeToRetry</c> over all interleavings of push, callback, query, expiry and retry: it never invites a payment while
/// an earlier attempt can still capture, nor after one has captured that could have been known of.
/// </summary>
public sealed class SafeToRetryTests
{
    private const int MostAttempts = 3;
    private const int Depth = 7;
    private const int Walks = 4000;
    private const int WalkLength = 40;

    private static readonly TimeSpan[] Steps = [TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(180), TimeSpan.FromSeconds(600)];

    [Theory]
    [Trait("Acceptance", "77")]
    [InlineData(120)]
    [InlineData(900)]
    public void SafeToRetry_AllInterleavingsToADepth_NeverInvitesASecondCapture(int lifetimeSeconds)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var frontier = new List<ModelWorld> { ModelWorld.New(TimeSpan.FromSeconds(lifetimeSeconds)) };
        var invited = 0;
        for (var depth = 0; depth < Depth; depth++)
        {
            var next = new List<ModelWorld>();
            foreach (var world in frontier)
            {
                foreach (var (name, after) in Moves(world))
                {
                    Check(world, name, after);
                    if (seen.Add(after.Key))
                    {
                        invited += after.Order.SafeToRetry ? 1 : 0;
                        next.Add(after);
                    }
                }
            }

            frontier = next;
        }

        // A rule that never invites anybody would be safe, and useless.
        Assert.True(invited > 50, $"{seen.Count} worlds, in {invited} of them the buyer may try again");
    }

    [Fact]
    [Trait("Acceptance", "77")]
    public void SafeToRetry_SeededWalksBeyondTheDepth_NeverInvitesASecondCapture()
    {
        for (var seed = 0; seed < Walks; seed++)
        {
            var random = new Random(seed);
            var world = ModelWorld.New(TimeSpan.FromSeconds(seed % 2 == 0 ? 120 : 900));
            for (var step = 0; step < WalkLength; step++)
            {
                var moves = Moves(world).ToArray();
                var (name, after) = moves[random.Next(moves.Length)];
                Check(world, string.Create(CultureInfo.InvariantCulture, $"seed {seed}, step {step}: {name}"), after);
                world = after;
            }
        }
    }

    private static void Check(ModelWorld before, string move, ModelWorld after)
    {
        Assert.True(after.Order.Version >= before.Order.Version, $"{move}: the version went back");
        Assert.False(
            before.Order.PaymentStatus == PaymentStatus.Completed && after.Order.PaymentStatus != PaymentStatus.Completed, $"{move}: a paid order is not paid any more");
        if (!after.Order.SafeToRetry)
        {
            return;
        }

        foreach (var attempt in after.Attempts)
        {
            Assert.False(attempt.Truth is Truth.Prompt or Truth.OnItsWay, $"{move}: attempt {attempt.Known.Number} can still capture. {before.Key} -> {after.Key}");

            // Money that moved unseen: only where everybody was silent until the horizon, or the money is known by now.
            Assert.False(
                attempt.Truth == Truth.Captured && after.Now - attempt.Known.CreatedAt < ModelWorld.Rules.Horizon,
                $"{move}: attempt {attempt.Known.Number} has captured. {before.Key} -> {after.Key}");
        }
    }

    /// <summary>Everything that can happen next, in the world and to our knowledge of it.</summary>
    private static IEnumerable<(string Name, ModelWorld After)> Moves(ModelWorld world)
    {
        foreach (var step in Steps)
        {
            yield return ($"{step.TotalSeconds} s pass", world.Later(step));
        }

        if (world.Attempts.Count < MostAttempts && world.Retried() is { } retried)
        {
            yield return ("the buyer tries again", retried);
        }

        for (var n = 0; n < world.Attempts.Count; n++)
        {
            foreach (var (name, after) in Pushed(world, n).Concat(Answered(world, n)).Concat(CalledBack(world, n)))
            {
                yield return (string.Create(CultureInfo.InvariantCulture, $"attempt {n + 1}: {name}"), after);
            }
        }
    }

    private static IEnumerable<(string Name, ModelWorld After)> Pushed(ModelWorld world, int n)
    {
        switch (world.Attempts[n].Truth)
        {
            case Truth.OnItsWay:
                yield return ("push accepted", world.Really(n, Truth.Prompt).Told(n, ReportSource.Push, ReportedOutcome.Accepted, withReference: true));
                yield return ("push refused", world.Really(n, Truth.NoPrompt).Told(n, ReportSource.Push, ReportedOutcome.Refused));
                yield return ("push answer lost, prompt out", world.Really(n, Truth.Prompt).Told(n, ReportSource.Push, ReportedOutcome.Unanswered));
                yield return ("push lost", world.Really(n, Truth.NoPrompt).Told(n, ReportSource.Push, ReportedOutcome.Unanswered));
                yield return ("node died, prompt out", world.Really(n, Truth.Prompt));
                yield return ("node died before the push", world.Really(n, Truth.NoPrompt));
                break;
            case Truth.Prompt:
                yield return ("the buyer pays", world.Really(n, Truth.Captured));
                yield return ("the buyer cancels", world.Really(n, Truth.Cancelled));

                // 1037 is also sent for a phone that was merely slow: it ends nothing at the provider.
                yield return ("callback: 1037", world.Told(n, ReportSource.Callback, ReportedOutcome.Lapsed));
                break;
        }
    }

    // Callbacks are true, but may come at any time, any number of times, and may lack their receipt.
    private static IEnumerable<(string Name, ModelWorld After)> CalledBack(ModelWorld world, int n)
    {
        switch (world.Attempts[n].Truth)
        {
            case Truth.Captured:
                yield return ("callback: paid", world.Told(n, ReportSource.Callback, ReportedOutcome.Paid));
                yield return ("callback: paid, no receipt", world.Told(n, ReportSource.Callback, ReportedOutcome.Paid, withReceipt: false));
                break;
            case Truth.Cancelled:
                yield return ("callback: cancelled", world.Told(n, ReportSource.Callback, ReportedOutcome.Cancelled));
                break;
            case Truth.NoPrompt when world.Attempts[n].Known.State != AttemptState.Created:
                yield return ("callback: failed", world.Told(n, ReportSource.Callback, ReportedOutcome.Failed));
                break;
        }
    }

    // A query needs a reference. It may know nothing yet, deny what has been told before, lie, or stay away.
    private static IEnumerable<(string Name, ModelWorld After)> Answered(ModelWorld world, int n)
    {
        yield return ("no answer", world.Expired(n, answered: false));
        if (world.Attempts[n].Known.ProviderReference is null)
        {
            yield break;
        }

        yield return ("query: true", True(world, n).Expired(n, answered: true));

        // Its books lag behind at most until the next question, or it lies: QUEUED for what is over.
        if (world.Attempts[n].Truth != Truth.Captured || world.Now - world.Attempts[n].Known.CreatedAt >= ModelWorld.Rules.Horizon)
        {
            yield return ("query: pending", world.Told(n, ReportSource.Query, ReportedOutcome.Pending).Expired(n, answered: true));
        }

        // It says FAILED of a prompt that is out, and of money that has moved. What a callback and a query both say is taken for true.
        if (world.Attempts[n] is { Truth: Truth.Prompt or Truth.Captured, Known: { State: not AttemptState.Paid, ToldToBeOver: false } })
        {
            yield return ("query: FAILED, a lie", world.Told(n, ReportSource.Query, ReportedOutcome.Failed).Expired(n, answered: true));
        }

        if (world.Attempts[n].Known.State == AttemptState.Paid)
        {
            yield return ("query: denies the money", world.Told(n, ReportSource.Query, ReportedOutcome.Failed));
        }
    }

    private static ModelWorld True(ModelWorld world, int n) => world.Attempts[n].Truth switch
    {
        Truth.Captured => world.Told(n, ReportSource.Query, ReportedOutcome.Paid),
        Truth.Cancelled or Truth.NoPrompt => world.Told(n, ReportSource.Query, ReportedOutcome.Failed),
        _ => world.Told(n, ReportSource.Query, ReportedOutcome.Pending),
    };
}
