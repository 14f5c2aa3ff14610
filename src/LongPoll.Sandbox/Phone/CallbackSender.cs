using System.Net.Http.Headers;
using System.Text;
using LongPoll.Sandbox.PayHero;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Phone;

/// <summary>
/// Posts results to the address that the push named. A try that is not answered 2xx in time is repeated with growing
/// gaps; the newest try is noted on the prompt.
/// </summary>
internal sealed partial class CallbackSender(
    IOptions<SandboxOptions> options, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<CallbackSender> log) : IDisposable
{
    private const int AnswerBytesKept = 1024;

    // Callbacks stay on this machine or go where a developer points them: a proxy from the environment would only be in
    // the way. The limit keeps a thousand answers at once from opening a thousand connections.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        MaxConnectionsPerServer = 256,
        PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Returns at once; the sending goes on until it succeeds, gives up or the host stops.</summary>
    public void Send(Prompt prompt, PromptAnswer answer, PaymentOutcome outcome)
    {
        if (prompt.Push.CallbackUrl is not null)
            _ = SendAllAsync(prompt, answer, PayHeroWire.Callback(answer.Shape, prompt.Push, outcome));
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAllAsync(Prompt prompt, PromptAnswer answer, byte[] body)
    {
        CancellationToken stopping = lifetime.ApplicationStopping;
        try
        {
            await Task.Delay(answer.Delay, clock, stopping);
            for (int copy = 1; copy <= answer.Times; copy++)
                await SendCopyAsync(prompt, answer.Shape, copy, body, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            LogAbandoned(log, prompt.Push.Reference);
        }
    }

    private async Task SendCopyAsync(Prompt prompt, CallbackShape shape, int copy, byte[] body, CancellationToken stopping)
    {
        TimeSpan gap = options.Value.CallbackRetryGap;
        for (int attempt = 1; ; attempt++)
        {
            CallbackTry result = await TryAsync(prompt.Push.CallbackUrl!, shape, copy, attempt, body, stopping);
            prompt.Note(result);
            if (result.Status is >= 200 and < 300)
                return;
            LogRefused(log, prompt.Push.Reference, attempt, result.Status, result.Error);
            if (attempt >= options.Value.CallbackTries)
                return;
            await Task.Delay(gap, clock, stopping);
            gap *= 4;
        }
    }

    private async Task<CallbackTry> TryAsync(
        Uri address, CallbackShape shape, int copy, int attempt, byte[] body, CancellationToken stopping)
    {
        using CancellationTokenSource limit = new(options.Value.CallbackTimeLimit, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            string text = await BeginningAsync(answer.Content, either.Token);
            return new CallbackTry(shape, copy, attempt, (int)answer.StatusCode, text, null, clock.GetUtcNow());
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return new CallbackTry(shape, copy, attempt, null, null, "no answer in time", clock.GetUtcNow());
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return new CallbackTry(shape, copy, attempt, null, null, broken.Message, clock.GetUtcNow());
        }
    }

    private static async Task<string> BeginningAsync(HttpContent content, CancellationToken cancel)
    {
        byte[] bytes = new byte[AnswerBytesKept];
        await using Stream stream = await content.ReadAsStreamAsync(cancel);
        int read = await stream.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel);
        return Encoding.UTF8.GetString(bytes, 0, read);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Callback for {Reference}, try {Attempt}: {Status} {Error}")]
    private static partial void LogRefused(ILogger log, string reference, int attempt, int? status, string? error);

    [LoggerMessage(Level = LogLevel.Information, Message = "The host stops; the callback for {Reference} is not sent any more")]
    private static partial void LogAbandoned(ILogger log, string reference);
}
