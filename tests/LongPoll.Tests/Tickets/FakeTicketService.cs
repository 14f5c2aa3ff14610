using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LongPoll.Tests.Tickets;

/// <summary>One question to the external ticket service, as it came.</summary>
public sealed record AskedSeat(string Path, JsonElement Body)
{
    public string Seat => Body.GetProperty("SeatNo").GetString()!;

    public string Payment => Body.GetProperty("PaymentGUID").GetString()!;
}

/// <summary>The external QR ticket service as a test wants it. It speaks the wire format of the source documents.</summary>
public sealed class FakeTicketService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<AskedSeat> _asked = new();

    private FakeTicketService()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapPost("{**path}", MakeAsync);
    }

    public string Url => _app.Urls.First();

    /// <summary>Every question, answered or not.</summary>
    public IReadOnlyCollection<AskedSeat> Asked => _asked;

    /// <summary>What happens to a seat instead of a ticket: returns true when it has answered.</summary>
    public Func<AskedSeat, HttpContext, Task<bool>>? Instead { get; set; }

    public static async Task<FakeTicketService> StartAsync()
    {
        var service = new FakeTicketService();
        await service._app.StartAsync();
        return service;
    }

    public IReadOnlyList<AskedSeat> AskedFor(string receipt) => [.. _asked.Where(a => a.Payment == receipt)];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task MakeAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        var asked = new AskedSeat(http.Request.Path, body.RootElement.Clone());
        _asked.Enqueue(asked);
        if (Instead is null || !await Instead(asked, http))
        {
            await http.Response.WriteAsJsonAsync(new
            {
                SeatNumber = asked.Seat,
                Success = true,
                TicketPath = $"/etickets/{asked.Payment}/{asked.Seat}.pdf",
                BookingId = 4711,
                ErrorMessage = (string?)null,
            }, JsonSerializerOptions.Default);
        }
    }
}
