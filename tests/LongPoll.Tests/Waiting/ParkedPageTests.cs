using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xunit;

namespace LongPoll.Tests.Waiting;

/// <summary>A request that is its own waiter: answered once, as itself, and not before it has begun.</summary>
public sealed class ParkedPageTests : IDisposable
{
    private readonly WaitingRoom _room = new();
    private readonly DefaultHttpContext _http = new();
    private readonly AsyncLocal<string> _trace = new();
    private string? _answeredAs;

    public ParkedPageTests() => _http.Response.Body = new Watched(() => _answeredAs = _trace.Value);

    public void Dispose() => _room.Dispose();

    [Fact]
    public async Task Told_AmidAnotherRequest_AnswersUnderItsOwnTrace()
    {
        _trace.Value = "page";
        var answered = Wait();
        await Eventually.IsAsync(() => _room.Waiters.Armed == 1);

        _trace.Value = "callback";
        _room.Waiters.Deliver(_room.View(4), onThisThread: true);

        await answered.SoonAsync();
        Assert.Equal("page", _answeredAs);
        Assert.Equal("callback", _trace.Value);
        Assert.Equal("notified", _http.Response.Headers["LongPoll-Ending"]);
        Assert.Equal(0, _room.Waiters.Count);
    }

    [Fact]
    public async Task Told_WhileItBegins_IsAnsweredWhenItHasBegun()
    {
        var (page, answered, read) = await BeginAsync(TestContext.Current.CancellationToken);
        page.Answer(new WaitResult(WaitEnding.Draining));
        Assert.False(answered.IsCompleted);
        Assert.Equal(0, _http.Response.Body.Length);

        read.SetResult();

        await answered.SoonAsync();
        Assert.NotEqual(0, _http.Response.Body.Length);
        Assert.Equal("draining", _http.Response.Headers["LongPoll-Ending"]);
        Assert.Equal(0, _room.Waiters.Count);
    }

    [Fact]
    public async Task Told_BeforeItsBeginningFails_FailsAndGivesItsPlaceBack()
    {
        var (page, answered, read) = await BeginAsync(TestContext.Current.CancellationToken);
        page.Answer(new WaitResult(WaitEnding.Draining));

        read.SetException(new InvalidOperationException("broken"));

        await Assert.ThrowsAsync<InvalidOperationException>(() => answered.SoonAsync());
        Assert.Equal(0, _http.Response.Body.Length);
        Assert.Equal(0, _room.Waiters.Count);
    }

    [Fact]
    public async Task Left_IsToldNothing()
    {
        using var client = new CancellationTokenSource();
        var (_, answered, read) = await BeginAsync(client.Token);
        read.SetResult();
        await Eventually.IsAsync(() => _room.Waiters.Armed == 1);

        await client.CancelAsync();

        await answered.SoonAsync();
        Assert.Equal(0, _http.Response.Body.Length);
        Assert.Empty(_http.Response.Headers);
        Assert.Equal(0, _room.Waiters.Count);
    }

    [Fact]
    public async Task Begun_WithAnError_FailsAndGivesItsPlaceBack()
    {
        _room.Store.OnRead = () => throw new InvalidOperationException("broken");

        await Assert.ThrowsAsync<InvalidOperationException>(Wait);

        Assert.Equal(0, _room.Waiters.Count);
    }

    [Fact]
    public async Task Answered_WithAnError_FailsAndGivesItsPlaceBack()
    {
        _http.Response.Body = new Watched(() => throw new InvalidOperationException("broken"));
        var answered = Wait();
        await Eventually.IsAsync(() => _room.Waiters.Armed == 1);

        _room.Waiters.Deliver(_room.View(4));

        await Assert.ThrowsAsync<InvalidOperationException>(() => answered.SoonAsync());
        Assert.Equal(0, _room.Waiters.Count);
    }

    private WaitEndpoint Endpoint => new(_room.Wait, Options.Create(new LongPollOptions()), _room.Clock);

    private Task Wait() => Endpoint.WaitAsync(new OrderId(_room.OrderId), _http);

    /// <summary>A page that stands at its place and is about to read the database.</summary>
    private async Task<(ParkedPage Page, Task Answered, TaskCompletionSource Read)> BeginAsync(CancellationToken client)
    {
        var read = new TaskCompletionSource();
        var reads = false;
        _room.Store.OnRead = () =>
        {
            reads = true;
            return read.Task;
        };
        var page = new ParkedPage(Endpoint, _http, _room.OrderId, new WaitCondition(null, WaitUntil.Settled), _room.Clock.GetTimestamp(), preferred: null);
        var answered = page.HoldAsync(_room.Wait, WaitingRoom.Minute, client);
        await Eventually.IsAsync(() => reads);
        return (page, answered, read);
    }

    private sealed class Watched(Action written) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            written();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
