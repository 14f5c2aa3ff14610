using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.Phone;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Pages;

/// <summary>Posts the news of a page. What is not answered 2xx is repeated with growing gaps, and every try is filed.</summary>
internal sealed partial class PageSender(
    PageLetters letters, IOptions<SandboxOptions> options, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<PageSender> log) : IDisposable
{
    private const int MostFiled = 32;
    private int _pending;

    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, MaxConnectionsPerServer = 256 })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Told of a page in the moment before its news leaves: whoever wants to race with it starts now.</summary>
    public Action<PayPage>? Leaving { get; set; }

    /// <summary>News that was not answered, lost or given up yet.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Returns at once; the sending goes on until it succeeds, gives up or the host stops.</summary>
    public void Send(PayPage page, PromptAnswer answer, PageState before)
    {
        // What is sent says how the page stands now, however long it is held back.
        if (page.CallbackUrl is not null && letters.News(page, answer.Shape, before) is { } news)
            _ = SendAllAsync(page, answer, news);
        else
            page.CallbackOver.TrySetResult();
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAllAsync(PayPage page, PromptAnswer answer, PageLetter news)
    {
        Interlocked.Increment(ref _pending);
        CancellationToken stopping = lifetime.ApplicationStopping;
        CallbackFaults faults = answer.Faults;
        try
        {
            await Task.Delay(answer.Delay, clock, stopping);
            if (letters.Forged(page, faults.Forged) is { } forged)
                await SendOneAsync(page, forged, stopping);
            if (!faults.Lost)
            {
                if (news.SaysFailure)
                    page.TellFailure(clock.GetUtcNow());
                Leaving?.Invoke(page);
                IEnumerable<Task> copies = Enumerable.Range(0, answer.Times).Select(_ => SendOneAsync(page, news, stopping));
                if (faults.Together)
                {
                    await Task.WhenAll(copies);
                }
                else
                {
                    foreach (Task copy in copies)
                        await copy;
                }
            }

            page.CallbackOver.TrySetResult();
            if (letters.Stale(page, faults.Stale, answer.Shape) is { } stale)
                await SendOneAsync(page, stale, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The host goes down, and the news with it.
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    private async Task SendOneAsync(PayPage page, PageLetter letter, CancellationToken stopping)
    {
        TimeSpan gap = options.Value.CallbackRetryGap;
        for (int attempt = 1; ; attempt++)
        {
            (int? status, CallbackReply? reply) = await TryAsync(page.CallbackUrl!, letter, stopping);
            if (page.Callbacks.Count < MostFiled)
                page.Callbacks.Enqueue(new LedgerCallback(letter.Kind, letter.Receipt, clock.GetUtcNow(), status, reply?.Result, reply?.OrderId, reply?.BookingReference));
            if (status is >= 200 and < 300 || letter.IsForged || attempt >= options.Value.CallbackTries)
                return;
            LogRefused(log, page.Id, attempt, status);
            await Task.Delay(gap, clock, stopping);
            gap *= 4;
        }
    }

    private async Task<(int? Status, CallbackReply? Reply)> TryAsync(Uri address, PageLetter letter, CancellationToken stopping)
    {
        using CancellationTokenSource limit = new(options.Value.CallbackTimeLimit, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Post, address) { Content = new ByteArrayContent(letter.Body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.TryAddWithoutValidation(letter.Header, letter.Proof);
            using HttpResponseMessage answer = await _http.SendAsync(request, either.Token);
            string text = Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(either.Token));
            return ((int)answer.StatusCode, answer.IsSuccessStatusCode ? JsonSerializer.Deserialize(text, SandboxJson.Default.CallbackReply) : null);
        }
        catch (JsonException)
        {
            // Whoever receives callbacks here may answer what they like.
            return (200, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            return (null, null);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "News of {Page}, try {Attempt}: {Status}")]
    private static partial void LogRefused(ILogger log, string page, int attempt, int? status);
}
