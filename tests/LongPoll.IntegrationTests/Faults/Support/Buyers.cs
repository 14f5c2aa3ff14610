using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>An order, as its buyer knows it.</summary>
internal sealed record Bought(Guid OrderId, string Number);

/// <summary>
/// How a wait was answered. <c>At</c> is when it was heard here; <c>LetGo</c> is when the server let go of it, by the
/// server's own measure of how long it was held: a stall of the test's process does not bunch it with others.
/// </summary>
internal sealed record WaitAnswer(HttpStatusCode Status, string? Ending, string PaymentStatus, long At, long LetGo, long Version);

/// <summary>What buyers and their pages do.</summary>
internal static class Buyers
{
    private static int _phones;

    /// <summary>Makes an order with a phone of its own. Null when the server did not answer.</summary>
    public static async Task<Bought?> OrderAsync(HttpClient server, string? idempotencyKey = null, int? phone = null)
    {
        var number = phone ?? NewPhone();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders")
        {
            Content = JsonContent.Create(new
            {
                customer = new { email = "buyer@example.com", firstName = "Amina", phone = string.Create(CultureInfo.InvariantCulture, $"2547{number:D8}") },
                items = new[] { new { name = "Seat", quantity = 1, unitPrice = 300 } },
                currency = "KES",
            }),
        };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        try
        {
            using var answer = await server.SendAsync(request);
            if (!answer.IsSuccessStatusCode)
            {
                return null;
            }

            var view = await answer.Content.ReadFromJsonAsync<JsonElement>();
            return new Bought(view.GetProperty("orderId").GetGuid(), view.GetProperty("orderNumber").GetString()!);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            // The node has died, or was taken away after that, and its client with it.
            return null;
        }
    }

    public static int NewPhone() => Interlocked.Increment(ref _phones);

    /// <summary>Many orders, a few at a time.</summary>
    public static async Task<IReadOnlyList<Bought>> OrdersAsync(HttpClient server, int count)
    {
        var orders = new Bought[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
            orders[i] = await OrderAsync(server) ?? throw new InvalidOperationException("No order was made."));
        return orders;
    }

    /// <summary>A page's long poll for the end of the payment.</summary>
    public static async Task<WaitAnswer> WaitAsync(HttpClient server, Guid orderId, int seconds = 60)
    {
        var asked = Stopwatch.GetTimestamp();
        using var answer = await server.GetAsync(new Uri(FormattableString.Invariant($"/orders/{orderId}/wait?timeout={seconds}"), UriKind.Relative));
        var view = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var at = Stopwatch.GetTimestamp();
        return new WaitAnswer(
            answer.StatusCode,
            answer.Headers.TryGetValues("LongPoll-Ending", out var ending) ? ending.Single() : null,
            answer.IsSuccessStatusCode ? view.GetProperty("paymentStatus").GetString()! : "",
            at,
            Held(answer) is { } held ? asked + (long)(held * Stopwatch.Frequency / 1000) : at,
            answer.IsSuccessStatusCode ? view.GetProperty("version").GetInt64() : 0);
    }

    /// <summary>Milliseconds between the server's taking the wait and its answer, from <c>Server-Timing: wait;dur=…</c>.</summary>
    private static double? Held(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("Server-Timing", out var timing)
            ? double.Parse(timing.Single()["wait;dur=".Length..], CultureInfo.InvariantCulture)
            : null;

    /// <summary>A page that comes back, to any node, until it has seen the payment.</summary>
    public static async Task PaidAsync(Func<HttpClient> server, Guid orderId, double seconds = 20, int hold = 2)
    {
        await Soon.TrueAsync(
            async () =>
            {
                try
                {
                    return await WaitAsync(server(), orderId, hold) is { PaymentStatus: "completed" };
                }
                catch (Exception e) when (e is HttpRequestException or IOException or JsonException or ObjectDisposedException or TaskCanceledException)
                {
                    // The node has died, or was taken away after that.
                    return false;
                }
            },
            $"the page of order {orderId} sees the payment",
            seconds);
    }

    /// <summary>Returns when so many requests are parked on the nodes together.</summary>
    public static Task ParkedAsync(int count, params HttpClient[] nodes) => Soon.TrueAsync(
        async () =>
        {
            var parked = 0;
            foreach (var node in nodes)
            {
                // Not ready is an answer too: only the number matters here.
                using var answer = await node.GetAsync(new Uri("/health/ready", UriKind.Relative));
                parked += (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("parked").GetInt32();
            }

            return parked == count;
        },
        $"{count} requests are parked");
}
