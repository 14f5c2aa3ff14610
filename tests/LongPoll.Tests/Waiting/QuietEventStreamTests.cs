using System.Text;
using LongPoll.Server.Http;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Support;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace LongPoll.Tests.Waiting;

/// <summary>An event stream while nothing happens: it shows that it lives, and asks for no more than a page that waits.</summary>
public sealed class QuietEventStreamTests : IDisposable
{
    private static readonly TimeSpan Quarter = TimeSpan.FromSeconds(15);

    private readonly WaitingRoom _room = new();
    private readonly DefaultHttpContext _http = new();
    private readonly Written _body = new();
    private readonly CancellationTokenSource _client = new();

    public QuietEventStreamTests()
    {
        _http.Response.Body = _body;
        _http.RequestAborted = _client.Token;
    }

    public void Dispose()
    {
        _client.Dispose();
        _room.Dispose();
    }

    [Fact]
    public async Task Quiet_BeatsFourTimesAMinute_AndLooksOnce()
    {
        var stream = await OpenAsync();
        Assert.Equal(2, Reads);

        for (var beats = 1; beats <= 3; beats++)
        {
            await PassAsync(beats);
            Assert.Equal(2, Reads);
        }

        await PassAsync(beats: 4);
        await Eventually.IsAsync(() => Reads == 3 && _room.Waiters.Armed == 1);
        Assert.Equal(4, Beats);
        Assert.Equal(1, _room.Log.Count(l => l == "subscribe"));

        await _client.CancelAsync();
        await stream.SoonAsync();
        Assert.Equal(0, _room.Waiters.Count);
        _room.Linger();
        Assert.Equal("unsubscribed", _room.Log.Last());
    }

    [Fact]
    public async Task Message_BetweenTwoBeats_IsToldAndIsTheEnd()
    {
        var stream = await OpenAsync();
        await PassAsync(beats: 1);
        await PassAsync(beats: 2);

        _room.Waiters.Deliver(_room.View(4));

        await stream.SoonAsync();
        Assert.Contains("id: 4\ndata: ", _body.Text, StringComparison.Ordinal);
        Assert.Equal(2, Reads);
        Assert.Equal(0, _room.Waiters.Count);
    }

    [Fact]
    public async Task Message_LostUnnoticed_IsMadeUpWithinAMinute()
    {
        var stream = await OpenAsync();
        _room.Store.Order = _room.Store.Order! with { Version = 4, PaymentStatus = Server.Payments.PaymentStatus.Completed };

        for (var beats = 1; beats <= 4; beats++)
        {
            await PassAsync(beats);
        }

        await stream.SoonAsync();
        Assert.Contains("id: 4\ndata: ", _body.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Beat_ThatCannotBeWritten_GivesThePlaceBack()
    {
        var stream = await OpenAsync();
        _body.Broken = true;

        _room.Clock.Advance(Quarter);

        await Assert.ThrowsAsync<IOException>(() => stream.SoonAsync());
        Assert.Equal(0, _room.Waiters.Count);
        Assert.Equal(0, _room.Waiters.Armed);
    }

    private int Reads => _room.Log.Count(l => l == "read");

    private int Beats => _body.Text.Split(": still here\n\n").Length - 1;

    private async Task<Task> OpenAsync()
    {
        var stream = EventStream.StreamAsync(new OrderId(_room.OrderId), _http, _room.Wait, _room.Waiters, _room.Store, _room.Clock);
        await Eventually.IsAsync(() => _room.Waiters.Armed == 1);
        Assert.StartsWith("id: 3\n", _body.Text, StringComparison.Ordinal);
        return stream;
    }

    private async Task PassAsync(int beats)
    {
        // The end of the wait, and before it the next beat: one that is not set yet would be late by a quarter.
        var timers = beats < 4 ? 2 : 1;
        await Eventually.IsAsync(() => _room.Clock.Waiting == timers);
        _room.Clock.Advance(Quarter);
        await Eventually.IsAsync(() => Beats == beats);
    }

    private sealed class Written : MemoryStream
    {
        private readonly StringBuilder _text = new();

        public bool Broken { get; set; }

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Broken)
            {
                throw new IOException("gone");
            }

            lock (_text)
            {
                _text.Append(Encoding.UTF8.GetString(buffer.Span));
            }

            return ValueTask.CompletedTask;
        }
    }
}
