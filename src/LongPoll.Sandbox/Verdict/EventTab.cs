using System.Globalization;
using System.Net;
using System.Text.Json;

namespace LongPoll.Sandbox.Verdict;

/// <summary>A page that listens to an order's server-sent events, and comes back with the last id as a browser does.</summary>
internal sealed class EventTab(Shop shop, OrderLog log, TimeProvider clock)
{
    private const string Page = "stream";

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public async Task LiveAsync(CancellationToken over)
    {
        long? last = null;
        while (!over.IsCancellationRequested)
        {
            try
            {
                last = await ListenAsync(last, over);
            }
            catch (Exception e) when (over.IsCancellationRequested && e is OperationCanceledException or IOException or HttpRequestException)
            {
                return;
            }
            catch (Exception e) when (e is IOException or HttpRequestException or JsonException)
            {
                log.BadWait($"{Page}: {e.Message}");
            }

            await Task.Delay(Pause, clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // Told the end, a browser stops; a page opens its stream again when the buyer has tried again.
            while (log.Newest is { Settled: true } newest && newest.Version <= last && !over.IsCancellationRequested)
                await Task.Delay(Pause, clock, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<long?> ListenAsync(long? last, CancellationToken over)
    {
        using HttpRequestMessage request = Shop.Request(HttpMethod.Get, shop.Next($"orders/{log.OrderId}/events"), log);
        if (last is not null)
            request.Headers.Add("Last-Event-ID", last.Value.ToString(CultureInfo.InvariantCulture));
        using HttpResponseMessage answer = await shop.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, over);
        if (answer.StatusCode != HttpStatusCode.OK)
        {
            if (answer.StatusCode != HttpStatusCode.NoContent
                && !(answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter is not null))
            {
                log.BadWait($"{Page}: was answered {(int)answer.StatusCode}");
            }

            return last;
        }

        using StreamReader reader = new(await answer.Content.ReadAsStreamAsync(over));
        while (await reader.ReadLineAsync(over) is { } line)
        {
            if (line.StartsWith("id: ", StringComparison.Ordinal))
                last = long.Parse(line.AsSpan(4), CultureInfo.InvariantCulture);
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
                log.Saw(new Sighting(Page, clock.GetUtcNow(), JsonSerializer.Deserialize(line.AsSpan(6), SandboxJson.Default.SeenOrder)!));
        }

        return last;
    }
}
