using System.Net;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace LongPoll.Server.Providers;

/// <summary>
/// How calls to a provider are guarded. What must not happen twice has a time limit and a breaker, and is never repeated:
/// a second request could be a second prompt. What changes nothing, or carries an idempotency key, may be sent again.
/// </summary>
internal static class ProviderResilience
{
    /// <summary>Clients in the wild use 10 to 15 s; providers answer in one or two.</summary>
    private static readonly TimeSpan OnceLimit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RepeatableLimit = TimeSpan.FromSeconds(5);

    public static ResiliencePipeline<HttpResponseMessage> Once(TimeProvider clock) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddCircuitBreaker(Breaker())
            .AddTimeout(new TimeoutStrategyOptions { Timeout = OnceLimit })
            .Build();

    public static ResiliencePipeline<HttpResponseMessage> Repeatable(TimeProvider clock) =>
        new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = Faults,
                MaxRetryAttempts = 2,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(300),
                UseJitter = true,
            })
            .AddCircuitBreaker(Breaker())
            .AddTimeout(new TimeoutStrategyOptions { Timeout = RepeatableLimit })
            .Build();

    // Opens when most of at least ten calls within half a minute failed; a lost payment costs more than a slow answer,
    // so it takes clear evidence, and one call is let through every ten seconds.
    private static CircuitBreakerStrategyOptions<HttpResponseMessage> Breaker() => new()
    {
        ShouldHandle = Faults,
        FailureRatio = 0.8,
        MinimumThroughput = 10,
        SamplingDuration = TimeSpan.FromSeconds(30),
        BreakDuration = TimeSpan.FromSeconds(10),
    };

    private static PredicateBuilder<HttpResponseMessage> Faults => new PredicateBuilder<HttpResponseMessage>()
        .Handle<HttpRequestException>()
        .Handle<TimeoutRejectedException>()
        .Handle<IOException>()
        .HandleResult(r => r.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout);
}

/// <summary>Sends every request of a client through a pipeline, and reads its answer to the end there: a body that never ends is no answer.</summary>
internal sealed class ResilienceHandler(ResiliencePipeline<HttpResponseMessage> pipeline) : DelegatingHandler
{
    /// <summary>Answers of providers and of the ticket service have a few hundred bytes, Stripe's a few thousand; what is larger is none of theirs.</summary>
    private const int LargestAnswer = 256 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        await pipeline.ExecuteAsync(
            static async (state, cancel) => await state.Self.SendOnceAsync(state.Request, cancel),
            (Self: this, Request: request),
            cancellationToken);

    private async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        var response = await base.SendAsync(request, cancel);
        try
        {
            await response.Content.LoadIntoBufferAsync(LargestAnswer, cancel);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
