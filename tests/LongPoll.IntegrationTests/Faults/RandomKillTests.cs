using System.Diagnostics;
using System.Globalization;
using System.Net;
using LongPoll.IntegrationTests.Faults.Support;
using Xunit;

namespace LongPoll.IntegrationTests.Faults;

/// <summary>
/// SIGKILL at random: two nodes, a stream of orders, callbacks and parked pages, and in each round one of the two dies at a
/// moment nobody chose and comes back. Twenty rounds with <c>LONGPOLL_FAULTS=all</c>, else three; the seed is printed, and
/// <c>LONGPOLL_FAULTS_SEED</c> repeats it.
/// </summary>
[Collection(FaultsCollection.Name)]
public sealed class RandomKillTests(ITestOutputHelper output)
{
    private const int Buyers = 40;
    private const int StreamMilliseconds = 2500;

    private readonly List<Bill> _bills = [];

    [Fact]
    [Trait("Acceptance", "44")]
    [Trait("Acceptance", "48")]
    [Trait("Acceptance", "49")]
    [Trait("Acceptance", "66")]
    public async Task Stream_OneNodeKilledAtRandom_NothingLostNothingTwiceNobodyStuck()
    {
        var random = new Random(FaultRun.Seed(output));
        await using var nodes = await TwoProcesses.StartAsync();
        var broken = 0;
        for (var round = 1; round <= (FaultRun.Whole ? 20 : 3); round++)
        {
            broken += await RoundAsync(round, nodes, random);
        }

        Assert.True(broken > 0, "no request met a dead node: the kills fell where nothing happened");
    }

    private async Task<int> RoundAsync(int round, TwoProcesses nodes, Random random)
    {
        BuyerPlan[] plans = [.. Enumerable.Range(0, Buyers).Select(_ => BuyerPlan.Draw(random, StreamMilliseconds))];
        var (victim, request, delay, away) = (random.Next(2), random.Next(1, plans.Sum(p => p.Requests)), random.Next(250), random.Next(1000));
        var began = Stopwatch.GetTimestamp();
        var killing = new TaskCompletionSource<Task>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = new PayingStream(nodes, begun =>
        {
            if (begun == request)
            {
                killing.SetResult(KillAsync());
            }
        });
        async Task KillAsync()
        {
            await Task.Delay(TimeSpan.FromMilliseconds(delay), TimeProvider.System, TestContext.Current.CancellationToken);
            await nodes.Node(victim).KillAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(away), TimeProvider.System, TestContext.Current.CancellationToken);
            await nodes.StartAgainAsync(victim);
        }

        var bills = await stream.RunAsync(plans);
        await await killing.Task;
        _bills.AddRange(bills);
        await Soon.TrueAsync(
            async () => await WholeBooks.BrokenAsync(nodes.Books, _bills) is { PromisesOverdue: 0, AnnouncementsOwed: 0 }, $"round {round}: every promised effect is done");

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"round {round}: node {victim} killed {delay} ms after request {request} of {plans.Sum(p => p.Requests)}, away {away} ms; {bills.Count(b => b.Paid)} of {bills.Count} paid, {bills.Count(b => !b.Prompted)} never prompted, {stream.Broken} requests broken, {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s"));
        Assert.Equal(new BrokenRules(), await WholeBooks.BrokenAsync(nodes.Books, _bills));
        Assert.All(bills, CheckPages);
        Assert.All(stream.Refusals, status => Assert.Equal(HttpStatusCode.ServiceUnavailable, status));
        return stream.Broken;
    }

    // A page that has seen the cancellation has reached an end, even where the buyer paid after all.
    private static void CheckPages(Bill bill)
    {
        string[] ends = (bill.Prompted, bill.Deed) switch
        {
            (false, _) => ["expired"],
            (true, Deed.Cancels) => ["cancelled"],
            (true, Deed.PaysAfterCancel) => ["cancelled", "completed"],
            _ => ["completed"],
        };
        Assert.All(bill.Seen, seen => Assert.Contains(seen, ends));
    }
}
