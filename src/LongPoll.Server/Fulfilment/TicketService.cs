using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using LongPoll.Server.Payments;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace LongPoll.Server.Fulfilment;

/// <summary>Section <c>TicketApi</c>: the external service that makes QR tickets.</summary>
internal sealed class TicketApiOptions
{
    /// <summary>With or without a slash at the end. Without it tickets are made here.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>How long one call may take. It is repeated twice within a round.</summary>
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromSeconds(5);

    public bool Configured => !string.IsNullOrEmpty(BaseUrl);
}

/// <summary>What the external service said about one seat. <paramref name="Error"/> is a fixed code, null for a success.</summary>
internal sealed record SeatResult(string? TicketPath, string? BookingId, string? Error);

/// <summary>
/// Asks the external QR ticket service for the ticket of one seat. Every question carries the payment's id and the seat, and an
/// idempotency key that follows from the two: a seat that is asked for again after a crash can be known there.
/// </summary>
internal sealed class TicketService(IHttpClientFactory clients, IOptions<TicketApiOptions> options) : IDisposable
{
    public const string Client = "ticket-api";

    /// <summary>It could not be reached, did not answer in time, or failed.</summary>
    public const string Unavailable = "ticket_service_unavailable";

    /// <summary>It said no.</summary>
    public const string Refused = "ticket_refused";

    /// <summary>Calls of this node at a time: their service is not ours to flood.</summary>
    private const int MostCalls = 16;

    private readonly SemaphoreSlim _places = new(MostCalls);

    public bool Configured => options.Value.Configured;

    public void Dispose() => _places.Dispose();

    /// <summary>Never throws but for its own cancellation: whatever happens is the result of this seat alone.</summary>
    public async Task<SeatResult> MakeAsync(PaidOrder paid, TicketSlot slot, CancellationToken cancel)
    {
        await _places.WaitAsync(cancel);
        try
        {
            return await CallAsync(paid, slot, cancel);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutRejectedException or BrokenCircuitException or IOException or JsonException
            || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return new SeatResult(null, null, Unavailable);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<SeatResult> CallAsync(PaidOrder paid, TicketSlot slot, CancellationToken cancel)
    {
        var seat = slot.Seat ?? slot.Number.ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(options.Value.BaseUrl!.TrimEnd('/') + "/api/ETickets/GenerateETicket"))
        {
            Content = JsonContent.Create(
                new TicketRequest(
                    paid.Event?.Id ?? "",
                    paid.Event?.Name ?? slot.Item,
                    seat,
                    paid.Order.Customer.FirstName is { Length: > 0 } name ? name : "Guest",
                    paid.Order.Receipt ?? "",
                    paid.Order.Customer.Email,
                    paid.Event?.OrganizerEmail ?? ""),
                TicketServiceJson.Default.TicketRequest),
        };
        request.Headers.Add("Idempotency-Key", $"{paid.Order.OrderId:N}-{slot.Number}");
        using var response = await clients.CreateClient(Client).SendAsync(request, cancel);
        if (!response.IsSuccessStatusCode)
        {
            return new SeatResult(null, null, response.StatusCode >= HttpStatusCode.InternalServerError ? Unavailable : Refused);
        }

        var answer = await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(cancel), TicketServiceJson.Default.TicketAnswer, cancel);
        return answer is null ? new SeatResult(null, null, Unavailable)
            : answer.Success == false ? new SeatResult(null, null, Refused)
            : new SeatResult(Told.Text(answer.TicketPath), Told.Text(Text(answer.BookingId)), Error: null);
    }

    // A number or a text, whichever they have.
    private static string? Text(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number } number => number.GetRawText(),
        _ => null,
    };

    /// <summary>A ticket that was asked for twice is the same ticket, so a failed call is repeated; a service that is down is left alone for a while.</summary>
    public static ResiliencePipeline<HttpResponseMessage> Resilience(TimeProvider clock, TimeSpan limit)
    {
        var faults = new PredicateBuilder<HttpResponseMessage>()
            .Handle<HttpRequestException>()
            .Handle<TimeoutRejectedException>()
            .Handle<IOException>()
            .HandleResult(r => r.StatusCode is >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);
        return new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = faults,
                MaxRetryAttempts = 2,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(200),
                UseJitter = true,
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = faults,
                FailureRatio = 0.9,
                MinimumThroughput = 20,
                SamplingDuration = TimeSpan.FromSeconds(30),
                BreakDuration = TimeSpan.FromSeconds(5),
            })
            .AddTimeout(new TimeoutStrategyOptions { Timeout = limit })
            .Build();
    }
}

/// <summary>POST …/api/ETickets/GenerateETicket.</summary>
internal sealed record TicketRequest(
    [property: JsonPropertyName("EventID")] string EventId,
    string EventName,
    string SeatNo,
    string FirstName,
    [property: JsonPropertyName("PaymentGUID")] string PaymentGuid,
    string BuyerEmail,
    string OrganizerEmail);

/// <summary>Its answer. A 2xx without <c>Success</c> is a success.</summary>
internal sealed record TicketAnswer(string? SeatNumber, bool? Success, string? TicketPath, JsonElement? BookingId, string? ErrorMessage);

[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(TicketRequest))]
[JsonSerializable(typeof(TicketAnswer))]
internal sealed partial class TicketServiceJson : JsonSerializerContext;
