using System.Net.Http.Headers;
using System.Text;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.PayHero;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Phone;

/// <summary>
/// Posts results to the address that the push named. A try that is not answered 2xx in time is repeated with growing
/// gaps; the newest try is noted on the prompt.
/// </summary>
internal sealed partial class CallbackSender(
    Letters letters, IOptions<SandboxOptions> options, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<CallbackSender> log) : IDisposable
{
    private const int AnswerBytesKept = 1024;
    private int _pending;

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

    /// <summary>Told of a prompt in the moment before its callback leaves: whoever wants to race with it starts now.</summary>
    public Action<Prompt>? Leaving { get; set; }

    /// <summary>Callbacks that have not been answered, lost or given up yet.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Returns at once; the sending goes on until it succeeds, gives up or the host stops.</summary>
    public void Send(Prompt prompt, PromptAnswer answer, PaymentOutcome outcome)
    {
        if (prompt.Push.CallbackUrl is { } address)
            _ = SendAllAsync(prompt, answer, new Letter(CallbackKind.True, address, answer.Shape, outcome));
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAllAsync(Prompt prompt, PromptAnswer answer, Letter letter)
    {
        Interlocked.Increment(ref _pending);
        CancellationToken stopping = lifetime.ApplicationStopping;
        try
        {
            await Task.Delay(answer.Delay, clock, stopping);
            Letter? forged = letters.Forged(prompt, answer, letter);
            if (forged is not null && forged.Kind != CallbackKind.ForgedAmount)
                await SendCopyAsync(prompt, forged, 1, stopping);
            if (!answer.Faults.Lost)
                await SendCopiesAsync(prompt, answer, letter, stopping);
            prompt.CallbackOver.TrySetResult();
            if (forged is { Kind: CallbackKind.ForgedAmount })
                await SendCopyAsync(prompt, forged, 1, stopping);
            if (letters.Stale(prompt, answer, letter) is { } stale)
                await SendCopyAsync(prompt, stale, 1, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            LogAbandoned(log, prompt.Push.Reference);
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    private async Task SendCopiesAsync(Prompt prompt, PromptAnswer answer, Letter letter, CancellationToken stopping)
    {
        // From the moment it leaves, the receiver may act on it.
        if (letter.SaysFailure)
            prompt.TellFailure(clock.GetUtcNow());
        Leaving?.Invoke(prompt);
        if (answer.Faults.Together)
        {
            await Task.WhenAll(Enumerable.Range(1, answer.Times).Select(copy => SendCopyAsync(prompt, letter, copy, stopping)));
            return;
        }

        for (int copy = 1; copy <= answer.Times; copy++)
            await SendCopyAsync(prompt, letter, copy, stopping);
    }

    private async Task SendCopyAsync(Prompt prompt, Letter letter, int copy, CancellationToken stopping)
    {
        TimeSpan gap = options.Value.CallbackRetryGap;
        byte[] body = letter.Write(prompt.Push);
        for (int attempt = 1; ; attempt++)
        {
            CallbackTry result = await TryAsync(letter.Address, letter.Shape, copy, attempt, body, stopping);
            Letters.File(prompt, letter, result);
            if (letter.Kind == CallbackKind.True)
                prompt.Note(result);
            if (result.Status is >= 200 and < 300 || letter.IsForged)
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
