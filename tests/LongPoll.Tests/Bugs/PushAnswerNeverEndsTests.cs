using System.Net;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;
using LongPoll.Tests.Providers.PayHero;
using LongPoll.Tests.Support;
using Polly.Timeout;
using Xunit;

namespace LongPoll.Tests.Bugs;

/// <summary>
/// The time limit of a push ended with the headers of its answer: the client read the body afterwards, outside the
/// pipeline, with no limit of its own. A PayHero that sent headers and then fell silent held POST /orders for ever, and
/// the attempt was never noted as unanswered. A status query hung in the same way, and with it the outbox worker.
/// </summary>
public sealed class PushAnswerNeverEndsTests
{
    [Fact]
    public async Task SendAsync_TheBodyNeverEnds_EndsAtTheLimit()
    {
        var clock = new TestTimeProvider();
        var body = new EndlessContent();
        using var handler = new ResilienceHandler(ProviderResilience.Once(clock)) { InnerHandler = new Answers(body) };
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://payhero.example/");
        var send = client.SendAsync(request, CancellationToken.None);
        await body.Begun.SoonAsync();

        clock.Advance(TimeSpan.FromSeconds(15));

        await Assert.ThrowsAsync<TimeoutRejectedException>(() => send.SoonAsync());
    }

    [Fact]
    public async Task StartAsync_TheBodyNeverEnds_IsUnanswered()
    {
        await using var wire = new PayHeroWire(_ =>
            new WireAnswer("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{\"success\":", Hang: true));
        await using var account = new PayHeroAccount(wire.Address);
        var start = account.StartAsync();
        await Eventually.IsAsync(() => wire.Requests.Count == 1);

        account.Clock.Advance(TimeSpan.FromSeconds(15));
        var report = await start;

        Assert.Equal((ReportedOutcome.Unanswered, Reasons.ProviderDown), (report.Outcome, report.Reason));
        Assert.Single(wire.Requests);
    }

    [Theory]
    [InlineData("application/json; charset=no-such-charset")]
    [InlineData("application/json; charset=utf-7")]
    public async Task StartAsync_ACharsetThatNobodyKnows_DoesNotThrow(string type)
    {
        // ReadFromJsonAsync throws InvalidOperationException for it, which the client did not expect.
        await using var wire = new PayHeroWire(_ => WireAnswer.Json(200, """{"success":true,"reference":"PH-1"}""", type));
        await using var account = new PayHeroAccount(wire.Address);

        Assert.Equal(ReportedOutcome.Accepted, (await account.StartAsync()).Outcome);
        Assert.Null(await account.Provider.QueryAsync(account.Attempt, ReportSource.Query, CancellationToken.None).SoonAsync());
    }

    private sealed class Answers(HttpContent content) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage { Content = content });
    }

    private sealed class EndlessContent : HttpContent
    {
        private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Begun => _begun.Task;

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            _begun.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
