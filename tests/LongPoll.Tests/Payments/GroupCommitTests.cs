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
    private readonly DoorLoad _load = new();
    private readonly GroupCommit _commits;

    public GroupCommitTests() => _commits = new GroupCommit(
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
    public async Task Settle_AllCommitsUnderWay_IsBusyUntilOneIsFree()
    {
        var one = _commits.SettleAsync(Report("a"));
        Assert.False(_load.Busy);
        var other = _commits.SettleAsync(Report("b"));
        Assert.True(_load.Busy);

        _batches[0].Commit();
        await one;
        await Eventually.IsAsync(() => !_load.Busy);

        _batches[1].Commit();
        await other;
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

    /// <summary>Two commits are under way, and these reports have just become the third.</summary>
    private async Task<Task<Settlement>[]> TogetherAsync(string codes)
    {
        var first = _commits.SettleAsync(Report("x"));
        _ = _commits.SettleAsync(Report("y"));
        Task<Settlement>[] callers = [.. codes.Select(c => _commits.SettleAsync(Report($"{c}")))];
        _batches[0].Commit();
        await first;
        await Eventually.IsAsync(() => _batches.Count == 3);
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
