using System.Data.Common;
using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.Tests.Payments;

/// <summary>Reports that arrive together share a commit; each hears of its own.</summary>
public sealed class GroupCommitTests
{
    private readonly List<Batch> _batches = [];
    private readonly TestTimeProvider _clock = new();
    private readonly DoorLoad _load;
    private readonly GroupCommit _commits;

    public GroupCommitTests()
    {
        _load = new DoorLoad(_clock);
        _commits = new GroupCommit(
            reports =>
            {
                var batch = new Batch(reports);
                lock (_batches)
                {
                    _batches.Add(batch);
                }

                return batch.Task;
            },
            _load,
            _clock);
    }

    [Fact]
    public async Task Settle_Alone_IsTakenAtOnce()
    {
        var caller = _commits.SettleAsync(Report("a"));

        Assert.Single(_batches).Commit();

        Assert.Equal("a", (await caller).Report.Code);
    }

    [Fact]
    public async Task Settle_WhileCommitsAreUnderWay_SharesTheNextOne()
    {
        Task<Settlement>[] callers = [.. "abcdefg".Select(c => _commits.SettleAsync(Report($"{c}")))];
        Assert.Equal(["a", "b"], _batches.Select(b => b.Codes));

        _batches[0].Commit();

        Assert.Equal("a", (await callers[0]).Report.Code);
        await Eventually.IsAsync(() => _batches.Count == 3);
        Assert.Equal("cdefg", _batches[2].Codes);
        Assert.All(callers[1..], c => Assert.False(c.IsCompleted));
        _batches[2].Commit();
        Assert.Equal("cdefg", string.Concat((await Task.WhenAll(callers[2..])).Select(s => s.Report.Code)));
        Assert.False(callers[1].IsCompleted);
        _batches[1].Commit();
        Assert.Equal("b", (await callers[1]).Report.Code);
    }

    [Fact]
    public async Task Settle_BesideALargeBatch_HalfAsManyBegin()
    {
        var large = await TogetherAsync("abcde", alone: true);

        Task<Settlement>[] few = [_commits.SettleAsync(Report("f")), _commits.SettleAsync(Report("g"))];
        Assert.Equal(3, _batches.Count);
        var enough = _commits.SettleAsync(Report("h"));

        Assert.Equal("fgh", _batches[3].Codes);
        _batches[3].Commit();
        Assert.Equal("fgh", string.Concat((await Task.WhenAll([.. few, enough])).Select(s => s.Report.Code)));
        Assert.All(large, c => Assert.False(c.IsCompleted));
    }

    [Fact]
    public async Task Settle_BesideALargeBatch_FewerBeginWhenItEnds()
    {
        var large = await TogetherAsync("abcde", alone: true);
        var one = _commits.SettleAsync(Report("f"));
        Assert.Equal(3, _batches.Count);

        _batches[2].Commit();

        await Task.WhenAll(large);
        await Eventually.IsAsync(() => _batches.Count == 4);
        _batches[3].Commit();
        Assert.Equal("f", (await one).Report.Code);
    }

    [Fact]
    public async Task Settle_BesideALargeBatchThatHangs_FewerBeginAllTheSame()
    {
        var large = await TogetherAsync("abcde", alone: true);
        Task<Settlement>[] few = [_commits.SettleAsync(Report("f")), _commits.SettleAsync(Report("g"))];

        await Eventually.IsAsync(() => _clock.Waiting == 1);
        _clock.Advance(TimeSpan.FromMilliseconds(19));
        Assert.Equal(3, _batches.Count);
        _clock.Advance(TimeSpan.FromMilliseconds(1));

        await Eventually.IsAsync(() => _batches.Count == 4);
        Assert.Equal("fg", _batches[3].Codes);

        // Nor does anybody wait for it any more, whoever else is under way meanwhile.
        var later = _commits.SettleAsync(Report("h"));
        Assert.Equal(4, _batches.Count);
        _batches[3].Commit();
        await Task.WhenAll(few);
        await Eventually.IsAsync(() => _batches.Count == 5);
        _batches[4].Commit();
        Assert.Equal("h", (await later).Report.Code);
        Assert.All(large, c => Assert.False(c.IsCompleted));
    }

    [Fact]
    public async Task Settle_BesideALargeBatchThatHangs_WhoCameWhileTwoWereUnderWayBeginsAllTheSame()
    {
        var large = await TogetherAsync("abcde");
        var few = _commits.SettleAsync(Report("f"));
        Assert.Equal(3, _batches.Count);

        // The small one beside it ends, and nobody else comes.
        _batches[1].Commit();
        await Eventually.IsAsync(() => _clock.Waiting == 1);
        _clock.Advance(TimeSpan.FromMilliseconds(20));

        await Eventually.IsAsync(() => _batches.Count == 4);
        _batches[3].Commit();
        Assert.Equal("f", (await few).Report.Code);
        Assert.All(large, c => Assert.False(c.IsCompleted));
    }

    [Fact]
    public async Task Settle_BesideALargeBatchOfLessThanAMillisecondMore_WaitsForThatToo()
    {
        await TogetherAsync("abcde", alone: true);
        _clock.Advance(TimeSpan.FromMilliseconds(19.5));

        var one = _commits.SettleAsync(Report("f"));

        Assert.Equal(3, _batches.Count);
        await Eventually.IsAsync(() => _clock.Waiting == 1);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await Eventually.IsAsync(() => _batches.Count == 4);
        _batches[3].Commit();
        Assert.Equal("f", (await one).Report.Code);
    }

    [Fact]
    public async Task Settle_WatchedForABatchThatHasEnded_TheNextHasItsWholeTime()
    {
        await TogetherAsync("abcde", alone: true);
        var one = _commits.SettleAsync(Report("f"));
        await Eventually.IsAsync(() => _clock.Waiting == 1);
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        _batches[2].Commit();
        await Eventually.IsAsync(() => _batches.Count == 4);
        Task<Settlement>[] next = [.. "ghijk".Select(c => _commits.SettleAsync(Report($"{c}")))];
        Assert.Equal("g", _batches[4].Codes);
        _batches[3].Commit();
        await one;
        await Eventually.IsAsync(() => _batches.Count == 6);
        _batches[4].Commit();
        await next[0];
        var last = _commits.SettleAsync(Report("l"));

        // Ten after the second large one began, and twenty after the first.
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        await Eventually.IsAsync(() => _clock.Waiting == 1);
        Assert.Equal(6, _batches.Count);
        _clock.Advance(TimeSpan.FromMilliseconds(10));

        await Eventually.IsAsync(() => _batches.Count == 7);
        _batches[6].Commit();
        Assert.Equal("l", (await last).Report.Code);
        Assert.Equal("hijk", _batches[5].Codes);
    }

    [Theory]
    [InlineData("abc", false)]
    [InlineData("abcd", true)]
    public async Task Settle_ABatchOfManyThatHadToWait_IsARushUntilItHasPausedForAMoment(string codes, bool rush)
    {
        await TogetherAsync(codes);
        Assert.Equal(rush, _load.Busy);

        _clock.Advance(TimeSpan.FromMilliseconds(99));
        Assert.Equal(rush, _load.Busy);

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(_load.Busy);
    }

    [Fact]
    public async Task Settle_OneOfABatchIsPoisoned_FailsAlone()
    {
        var callers = await TogetherAsync("abc");
        _batches[2].Fail(new Refused("22001", isTransient: false));
        for (var n = 3; n < 6; n++)
        {
            await Eventually.IsAsync(() => _batches.Count == n + 1);
            if (_batches[n].Codes == "b")
            {
                _batches[n].Fail(new Refused("22001", isTransient: false));
            }
            else
            {
                _batches[n].Commit();
            }
        }

        Assert.Equal("a", (await callers[0]).Report.Code);
        Assert.Equal("c", (await callers[2]).Report.Code);
        Assert.Equal("22001", (await Assert.ThrowsAsync<Refused>(() => callers[1])).SqlState);
    }

    [Fact]
    public async Task Settle_TheStoreIsAway_EverybodyHasASecondTryAndThenHears()
    {
        var callers = await TogetherAsync("abc");

        _batches[2].Fail(new Refused(sqlState: null, isTransient: true));
        await Eventually.IsAsync(() => _batches.Count == 4);
        Assert.Equal("abc", _batches[3].Codes);
        _batches[3].Fail(new Refused(sqlState: null, isTransient: true));

        foreach (var caller in callers)
        {
            await Assert.ThrowsAsync<Refused>(() => caller);
        }
    }

    [Fact]
    public async Task Settle_SomebodyHoldsARow_TheOthersGoOnWithoutIt()
    {
        var callers = await TogetherAsync("ab");

        _batches[2].Fail(new Refused("55P03", isTransient: true));
        await Eventually.IsAsync(() => _batches.Count == 4);
        _batches[3].Commit();

        Assert.Equal("a", (await callers[0]).Report.Code);
        await Eventually.IsAsync(() => _batches.Count == 5);
        _batches[4].Commit();
        Assert.Equal("b", (await callers[1]).Report.Code);
    }

    [Fact]
    public async Task Settle_AnOrderMoved_GoesThroughOnceMore()
    {
        var callers = await TogetherAsync("ab");

        _batches[2].Commit(but: "b");
        Assert.Equal("a", (await callers[0]).Report.Code);
        await Eventually.IsAsync(() => _batches.Count == 4);
        Assert.Equal("b", _batches[3].Codes);
        _batches[3].Commit();

        Assert.Equal("b", (await callers[1]).Report.Code);
    }

    [Fact]
    public async Task Settle_AnOrderThatNeverStandsStill_GivesUp()
    {
        var caller = _commits.SettleAsync(Report("a"));
        for (var round = 1; round <= 20; round++)
        {
            await Eventually.IsAsync(() => _batches.Count == round);
            _batches[round - 1].Commit(but: "a");
        }

        await Assert.ThrowsAsync<TimeoutException>(() => caller);
        Assert.Equal(20, _batches.Count);
    }

    [Fact]
    public async Task Settle_TheStoreHangs_WhoWaitsForTheirTurnIsToldToComeAgain()
    {
        var hanging = _commits.SettleAsync(Report("a"));
        _ = _commits.SettleAsync(Report("b"));
        var waiting = _commits.SettleAsync(Report("c"));
        _clock.Advance(TimeSpan.FromSeconds(6));

        _batches[0].Commit();

        Assert.Equal("a", (await hanging).Report.Code);
        await Assert.ThrowsAsync<TimeoutException>(() => waiting);
        Assert.Equal(2, _batches.Count);
    }

    /// <summary>Two commits are under way, and these reports have just become the third. The second has ended where they are to be alone.</summary>
    private async Task<Task<Settlement>[]> TogetherAsync(string codes, bool alone = false)
    {
        var first = _commits.SettleAsync(Report("x"));
        var second = _commits.SettleAsync(Report("y"));
        Task<Settlement>[] callers = [.. codes.Select(c => _commits.SettleAsync(Report($"{c}")))];
        _batches[0].Commit();
        await first;
        await Eventually.IsAsync(() => _batches.Count == 3);
        if (alone)
        {
            _batches[1].Commit();
            await second;
        }

        return callers;
    }

    private static PaymentReport Report(string code) => Given.Report(ReportedOutcome.Paid, ReportSource.Callback) with { Code = code };

    private sealed class Batch(IReadOnlyList<PaymentReport> reports) : TaskCompletionSource<IReadOnlyList<Settlement?>>
    {
        public string Codes => string.Concat(reports.Select(r => r.Code));

        public void Commit(string? but = null) => SetResult(
            [.. reports.Select(r => r.Code == but ? null : new Settlement { Report = r, Result = SettlementResult.Applied })]);

        public void Fail(Exception e) => SetException(e);
    }

    private sealed class Refused(string? sqlState, bool isTransient) : DbException("no")
    {
        public override string? SqlState { get; } = sqlState;

        public override bool IsTransient { get; } = isTransient;
    }
}
