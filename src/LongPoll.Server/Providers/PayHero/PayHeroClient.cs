using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace LongPoll.Server.Providers.PayHero;

/// <summary>How a push ended, told by what it means for the buyer's phone.</summary>
internal enum PushOutcome
{
    Accepted,

    /// <summary>PayHero said no: no prompt.</summary>
    Refused,

    /// <summary>The request never reached PayHero: no prompt.</summary>
    NotSent,

    /// <summary>No usable answer: there may be a prompt.</summary>
    Unknown,
}

/// <summary>PayHero's two calls on the wire. Time limits, retries and the circuit breaker are the handler's: see <see cref="ProviderResilience"/>.</summary>
internal sealed class PayHeroClient(IHttpClientFactory clients)
{
    public const string PushClient = "payhero-push";
    public const string QueryClient = "payhero-query";

    public async Task<(PushOutcome Outcome, PushAnswer? Answer, string? Problem)> PushAsync(PushRequest push, CancellationToken cancel)
    {
        try
        {
            // With its length, not in chunks: not every front end in PHP takes those.
            using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(push, PayHeroJson.Default.PushRequest));
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var response = await clients.CreateClient(PushClient).PostAsync(new Uri("payments", UriKind.Relative), content, cancel);
            var answer = await ReadAsync(response, PayHeroJson.Default.PushAnswer, cancel);
            if (response.IsSuccessStatusCode)
            {
                // Some refusals come with 200 and success:false. Without a readable body nobody knows.
                return answer is null ? (PushOutcome.Unknown, null, "unreadable answer")
                    : answer.Success == false ? (PushOutcome.Refused, null, "success:false")
                    : (PushOutcome.Accepted, answer, null);
            }

            var status = $"HTTP {(int)response.StatusCode}";
            return response.StatusCode is >= HttpStatusCode.BadRequest and < HttpStatusCode.InternalServerError and not HttpStatusCode.RequestTimeout
                ? (PushOutcome.Refused, null, status)
                : (PushOutcome.Unknown, null, status);
        }
        catch (BrokenCircuitException)
        {
            return (PushOutcome.NotSent, null, "circuit open");
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
            && e.InnerException is SocketException or System.Security.Authentication.AuthenticationException)
        {
            return (PushOutcome.NotSent, null, e.HttpRequestError.ToString());
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or OperationCanceledException or IOException)
        {
            return (PushOutcome.Unknown, null, e.GetType().Name);
        }
    }

    /// <summary>Null when PayHero does not know the reference, or gives no usable answer.</summary>
    public async Task<StatusAnswer?> QueryAsync(string reference, CancellationToken cancel)
    {
        try
        {
            var address = new Uri("transaction-status?reference=" + Uri.EscapeDataString(reference), UriKind.Relative);
            using var response = await clients.CreateClient(QueryClient).GetAsync(address, cancel);
            return response.IsSuccessStatusCode ? await ReadAsync(response, PayHeroJson.Default.StatusAnswer, cancel) : null;
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or BrokenCircuitException or IOException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }

    private static async Task<T?> ReadAsync<T>(HttpResponseMessage response, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class
    {
        try
        {
            // Whatever charset the header names: JSON is UTF-8, and a name that nobody knows must not throw.
            return await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(cancel), type, cancel);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>POST /api/v2/payments: whole shillings, phone as 254…</summary>
internal sealed record PushRequest(
    long Amount, string PhoneNumber, int ChannelId, string Provider, string ExternalReference, string CustomerName, string CallbackUrl);

/// <summary>The answer to a push. QUEUED means that the prompt was accepted, not that there is money.</summary>
internal sealed record PushAnswer(bool? Success, string? Status, string? Reference, [property: JsonPropertyName("CheckoutRequestID")] string? CheckoutRequestID);

/// <summary>The answer to GET /api/v2/transaction-status. It carries no amount and no result code.</summary>
internal sealed record StatusAnswer(string? Status, string? Reference, string? ProviderReference);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(PushRequest))]
[JsonSerializable(typeof(PushAnswer))]
[JsonSerializable(typeof(StatusAnswer))]
internal sealed partial class PayHeroJson : JsonSerializerContext;
