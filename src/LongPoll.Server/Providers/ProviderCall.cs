using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace LongPoll.Server.Providers;

/// <summary>How a call to a provider ended, told by what it means for the buyer.</summary>
internal enum CallOutcome
{
    /// <summary>2xx and JSON.</summary>
    Answered,

    /// <summary>The provider said no: nothing was done.</summary>
    Refused,

    /// <summary>The request never reached the provider: nothing was done.</summary>
    NotSent,

    /// <summary>No usable answer: it may have been done.</summary>
    Unknown,
}

/// <summary>What came of a call: the JSON where there was some, and for logs what went wrong, without anybody's data.</summary>
internal sealed record CallAnswer(CallOutcome Outcome, JsonElement? Body = null, HttpStatusCode? Status = null, string? Problem = null);

/// <summary>Sends one request to a provider that speaks JSON. Time limits, retries and the breaker are the client's own handler's.</summary>
internal static class ProviderCall
{
    /// <summary>Never throws for what the other side does.</summary>
    public static async Task<CallAnswer> SendAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancel)
    {
        try
        {
            using var response = await client.SendAsync(request, cancel);
            var body = await ReadAsync(response, cancel);
            var status = response.StatusCode;
            if (response.IsSuccessStatusCode)
            {
                return body is null ? new(CallOutcome.Unknown, Status: status, Problem: "unreadable answer") : new(CallOutcome.Answered, body, status);
            }

            // Of a conflict, a time-out and "too many requests" nobody can say what was done before.
            var refused = status is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError
                and not (HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests);
            return new(refused ? CallOutcome.Refused : CallOutcome.Unknown, body, status, $"HTTP {(int)status}");
        }
        catch (BrokenCircuitException)
        {
            return new(CallOutcome.NotSent, Problem: "circuit open");
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            && e.InnerException is SocketException or AuthenticationException)
        {
            return new(CallOutcome.NotSent, Problem: e.HttpRequestError.ToString());
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or IOException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return new(CallOutcome.Unknown, Problem: e.GetType().Name);
        }
    }

    private static async Task<JsonElement?> ReadAsync(HttpResponseMessage response, CancellationToken cancel)
    {
        try
        {
            using var json = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancel), cancellationToken: cancel);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
