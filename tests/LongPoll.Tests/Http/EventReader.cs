using System.Globalization;
using System.Net;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>One server-sent event.</summary>
public sealed record ServerEvent(long Id, string Data);

/// <summary>Reads server-sent events as a browser does.</summary>
public sealed class EventReader : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private EventReader(HttpResponseMessage response, Stream stream)
    {
        _response = response;
        _reader = new StreamReader(stream);
    }

    public HttpResponseMessage Response => _response;

    /// <summary>Opens the stream; a stream that is not one is the caller's test failing.</summary>
    public static async Task<EventReader> OpenAsync(Shop shop, string path, long? lastId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Accept", "text/event-stream");
        if (lastId is { } last)
        {
            request.Headers.Add("Last-Event-ID", last.ToString(CultureInfo.InvariantCulture));
        }

        var response = await shop.Node.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        return new EventReader(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The next event, or null when the server ended the stream.</summary>
    public async Task<ServerEvent?> NextAsync()
    {
        long? id = null;
        var data = new List<string>();
        while (await LineAsync() is { } line)
        {
            if (line.Length == 0 && data.Count > 0)
            {
                return new ServerEvent(id ?? throw new InvalidDataException("An event without an id."), string.Join('\n', data));
            }

            if (line.StartsWith("id:", StringComparison.Ordinal))
            {
                id = long.Parse(line.AsSpan(3).Trim(), CultureInfo.InvariantCulture);
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                data.Add(line.AsSpan(5).TrimStart(' ').ToString());
            }
        }

        return null;
    }

    /// <summary>The next line as it came, or null at the end of the stream.</summary>
    public async Task<string?> LineAsync() => await _reader.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience);

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
