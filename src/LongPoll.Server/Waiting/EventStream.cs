using System.Buffers;
using System.Globalization;
using LongPoll.Server.Hosting;
using LongPoll.Server.Http;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Waiting;

/// <summary>
/// An order as server-sent events: one wait after the other on one connection. A seat is kept over the whole stream,
/// so that the subscription does not come and go with each event.
/// </summary>
internal static class EventStream
{
    /// <summary>A comment line this often tells proxies and the browser that the stream lives.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>
    /// With each of so many heartbeats the stream looks for itself, once a minute as a page that waits: it costs the database no more than that page, and a
    /// message that was lost unnoticed is made up.
    /// </summary>
    private const int BeatsUntilALook = 4;

    public static async Task<IResult> StreamAsync(OrderId id, HttpContext http, WaitForOrder wait, Waiters waiters, IOrderStore store, TimeProvider clock)
    {
        SecurityHeaders.Set(http);
        if (await store.FindOrderAsync(id.Value, http.RequestAborted) is not { } order)
        {
            return Problems.NoSuchOrder();
        }

        var first = OrderSnapshot.Of(order);
        long? seen = null;
        if (http.Request.Headers["Last-Event-ID"].FirstOrDefault() is { } last)
        {
            seen = long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

            // The end was told already: 204 makes a browser stop coming back.
            if (seen >= first.Version && IsLast(first))
            {
                return TypedResults.NoContent();
            }
        }

        var seat = new Waiter(id.Value, new WaitCondition(long.MaxValue, WaitUntil.Change));
        if (await waiters.JoinAsync(seat) is { } refused)
        {
            return WaitProblems.For(refused, http.Response);
        }

        try
        {
            await WriteAsync(first, seen, id.Value, http, wait, clock);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The client hung up.
        }
        finally
        {
            waiters.Leave(seat);
        }

        return TypedResults.Empty;
    }

    private static async Task WriteAsync(OrderSnapshot first, long? seen, Guid orderId, HttpContext http, WaitForOrder wait, TimeProvider clock)
    {
        var response = http.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";

        // A Last-Event-ID above the stored version is no version of ours: the stored one is told.
        var current = first;
        if (seen is null || seen != first.Version)
        {
            Write(response, first);
        }

        await response.BodyWriter.FlushAsync(http.RequestAborted);
        while (!IsLast(current))
        {
            var result = await WaitAsync(new Waiter(orderId, new WaitCondition(current.Version, WaitUntil.Change), counts: false), http, wait, clock);
            switch (result.Ending)
            {
                case WaitEnding.Cache or WaitEnding.Database or WaitEnding.Notified when result.Snapshot!.Version > current.Version:
                    current = result.Snapshot;
                    Write(response, current);
                    break;

                case WaitEnding.Timeout:
                    WriteHeartbeat(response);
                    break;

                // Draining, full, gone: the browser comes back with the last id, here or to another node.
                default:
                    return;
            }

            await response.BodyWriter.FlushAsync(http.RequestAborted);
        }
    }

    /// <summary>One wait, with a heartbeat now and then while nothing happens; the last one is its caller's.</summary>
    private static async Task<WaitResult> WaitAsync(Waiter waiter, HttpContext http, WaitForOrder wait, TimeProvider clock)
    {
        await wait.BeginAsync(waiter, Heartbeat * BeatsUntilALook, http.RequestAborted);
        try
        {
            for (var beat = 1; beat < BeatsUntilALook; beat++)
            {
                await waiter.Task.WaitAsync(Heartbeat, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (waiter.Task.IsCompleted)
                {
                    return waiter.Result;
                }

                WriteHeartbeat(http.Response);
                await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
            }

            // The last one is the end of the wait.
            await waiter.Task;
            return waiter.Result;
        }
        finally
        {
            wait.Leave(waiter);
        }
    }

    private static void WriteHeartbeat(HttpResponse response) => response.BodyWriter.Write(": still here\n\n"u8);

    private static bool IsLast(OrderSnapshot snapshot) => snapshot is { Settled: true, FulfilmentPending: false };

    private static void Write(HttpResponse response, OrderSnapshot snapshot)
    {
        var writer = response.BodyWriter;
        writer.Write(System.Text.Encoding.ASCII.GetBytes(FormattableString.Invariant($"id: {snapshot.Version}\ndata: ")));

        // A foreign program may publish a view in several lines; between the tokens of JSON a line feed is just space.
        var json = snapshot.Json.Span;
        for (int end; (end = json.IndexOfAny((byte)'\n', (byte)'\r')) >= 0; json = json[(end + 1)..])
        {
            writer.Write(json[..end]);
            writer.Write(" "u8);
        }

        writer.Write(json);
        writer.Write("\n\n"u8);
    }
}
