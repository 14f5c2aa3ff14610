using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace LongPoll.Sandbox.Verdict;

/// <summary>The server under test, from outside: every request goes to the next of its nodes.</summary>
internal sealed class Shop : IDisposable
{
    /// <summary>The page that made the order; the tab it leads to knows the order's id and nothing else.</summary>
    private const string Checkout = "checkout";

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <summary>A limit may name minutes; the day is over before.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly VerdictOptions _options;
    private readonly TimeProvider _clock;
    private readonly HttpClient _http;
    private int _turn;

    public Shop(VerdictOptions options, TimeProvider clock)
    {
        (_options, _clock) = (options, clock);
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, MaxConnectionsPerServer = 20_000 })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (options.ApiKey is not null)
            _http.DefaultRequestHeaders.Add("X-Api-Key", options.ApiKey);
    }

    public HttpClient Http => _http;

    public Uri Next(string path) => new(_options.Targets[(int)((uint)Interlocked.Increment(ref _turn) % (uint)_options.Targets.Count)], path);

    public async Task CreateAsync(OrderLog log, CancellationToken stop)
    {
        string body = string.Create(CultureInfo.InvariantCulture, $$$"""
            {"customer":{"email":"buyer{{{log.Number}}}@example.com","firstName":"Buyer","phone":"{{{log.Phone}}}"},
             "items":[{"name":"Ticket","quantity":1,"unitPrice":{{{log.Amount}}}}],"currency":"{{{log.Currency}}}","provider":"{{{log.Provider}}}"}
            """);
        using HttpRequestMessage request = new(HttpMethod.Post, Next("orders"));
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, stop).WaitAsync(TimeSpan.FromMinutes(1), _clock, stop);
            string text = await answer.Content.ReadAsStringAsync(stop);
            if (answer.StatusCode != HttpStatusCode.Created)
            {
                log.BadRequest($"POST /orders was answered {(int)answer.StatusCode}");
                return;
            }

            log.AccessToken = JsonSerializer.Deserialize(text, SandboxJson.Default.MadeOrder)!.AccessToken;
            SeenOrder seen = JsonSerializer.Deserialize(text, SandboxJson.Default.SeenOrder)!;
            log.Saw(new Sighting(Checkout, _clock.GetUtcNow(), seen));
            log.OrderId = seen.OrderId;
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or IOException)
        {
            log.BadRequest($"POST /orders: {e.Message}");
        }
    }

    /// <summary>A GET or POST that answers a view. Null when it was refused as it may be; anything else is written down.</summary>
    public async Task<SeenOrder?> ViewAsync(OrderLog log, HttpMethod method, string page, string path, Uri? node, CancellationToken stop)
    {
        using HttpRequestMessage request = Request(method, node is null ? Next($"orders/{log.OrderId}{path}") : new Uri(node, $"orders/{log.OrderId}{path}"), log);
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, stop).WaitAsync(TimeSpan.FromMinutes(1), _clock, stop);
            if (answer.IsSuccessStatusCode)
            {
                SeenOrder seen = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(stop), SandboxJson.Default.SeenOrder)!;
                log.Saw(new Sighting(page, _clock.GetUtcNow(), seen));
                return seen;
            }

            if (answer.StatusCode is not (HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable))
                log.BadRequest($"{method} {path} was answered {(int)answer.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or IOException or JsonException)
        {
            log.BadRequest($"{method} {path}: {e.Message}");
        }

        return null;
    }

    /// <summary>One wait. Null when it was turned away as it may be (after the pause it named), or was written down as bad.</summary>
    public async Task<SeenOrder?> WaitAsync(OrderLog log, string page, long? since, string until, int seconds, CancellationToken stop)
    {
        string query = string.Create(CultureInfo.InvariantCulture, $"orders/{log.OrderId}/wait?timeout={seconds}&until={until}{(since is null ? "" : $"&since={since}")}");
        using HttpRequestMessage request = Request(HttpMethod.Get, Next(query), log);
        long began = _clock.GetTimestamp();
        try
        {
            using HttpResponseMessage answer = await _http.SendAsync(request, stop).WaitAsync(TimeSpan.FromSeconds(seconds) + Grace, _clock, stop);
            if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter?.Delta is { } pause)
            {
                await Task.Delay(pause < LongestPause ? pause : LongestPause, _clock, stop);
                return null;
            }

            if (answer.StatusCode != HttpStatusCode.OK || !answer.Headers.TryGetValues("LongPoll-Ending", out IEnumerable<string>? endings))
            {
                log.BadWait($"{page}: a wait was answered {(int)answer.StatusCode}");
                return null;
            }

            SeenOrder seen = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(stop), SandboxJson.Default.SeenOrder)!;
            WaitFacts facts = new(since, until, endings.First(), _clock.GetElapsedTime(began), answer.Headers.Date ?? _clock.GetUtcNow());
            log.Saw(new Sighting(page, _clock.GetUtcNow(), seen, facts));
            return seen;
        }
        catch (TimeoutException)
        {
            log.BadWait($"{page}: a wait of {seconds} s was not answered in {seconds + Grace.TotalSeconds} s");
        }
        catch (Exception e) when (!stop.IsCancellationRequested && e is HttpRequestException or IOException or JsonException)
        {
            log.BadWait($"{page}: {e.Message}");
        }

        return null;
    }

    public async Task<IReadOnlyList<InboxEntry>> InboxAsync(CancellationToken stop)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, Next("admin/money-inbox"));
        request.Headers.Add("X-Admin-Key", _options.AdminKey);
        using HttpResponseMessage answer = await _http.SendAsync(request, stop);
        answer.EnsureSuccessStatusCode();
        return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(stop), SandboxJson.Default.IReadOnlyListInboxEntry)!;
    }

    public static HttpRequestMessage Request(HttpMethod method, Uri address, OrderLog log)
    {
        HttpRequestMessage request = new(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", log.AccessToken);
        return request;
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>What only the maker of an order is told.</summary>
internal sealed record MadeOrder(string AccessToken);
