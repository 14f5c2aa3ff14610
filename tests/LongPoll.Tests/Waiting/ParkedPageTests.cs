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

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

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
        var read = new TaskCompletionSource();
        _room.Store.OnRead = () => read.Task;
        var answered = Wait();
        await _room.Waiters.DrainAsync(TimeSpan.Zero, Cancel);
        await Task.Yield();
        Assert.False(answered.IsCompleted);
        Assert.Null(_answeredAs);

        read.SetResult();

        await answered.SoonAsync();
        Assert.Equal("draining", _http.Response.Headers["LongPoll-Ending"]);
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

    private Task Wait() => new WaitEndpoint(_room.Wait, Options.Create(new LongPollOptions()), _room.Clock).WaitAsync(new OrderId(_room.OrderId), _http);

    private sealed class Watched(Action written) : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            written();
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
