using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using LongPoll.Tests.Tickets;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>An order for seats.</summary>
internal sealed record SeatOrder(Guid OrderId, string Number, string Email, string[] Seats);

/// <summary>Orders with seats, a mail server and an external ticket service, for servers that are killed over them.</summary>
internal static class TicketShop
{
    private static int _buyers;

    public static Dictionary<string, string> Settings(MailServer mails, FakeTicketService? tickets = null)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["Fulfilment__Enabled"] = "true",
            ["Smtp__Host"] = "127.0.0.1",
            ["Smtp__Port"] = mails.Port.ToString(CultureInfo.InvariantCulture),
            ["Smtp__From"] = "Tickets <tickets@example.com>",
        };
        if (tickets is not null)
        {
            settings["TicketApi__BaseUrl"] = tickets.Url;
        }

        return settings;
    }

    /// <summary>An order of a buyer whom nobody knows.</summary>
    public static async Task<SeatOrder> OrderAsync(HttpClient server, int seats)
    {
        var buyer = Interlocked.Increment(ref _buyers);
        var email = string.Create(CultureInfo.InvariantCulture, $"buyer{buyer}-{Guid.NewGuid():N}@example.com");
        string[] names = [.. Enumerable.Range(1, seats).Select(n => string.Create(CultureInfo.InvariantCulture, $"R{buyer}-{n}"))];
        using var answer = await server.PostAsJsonAsync(new Uri("/orders", UriKind.Relative), new
        {
            @event = new { id = "gala", name = "Gala" },
            customer = new { email, firstName = "Amina", phone = string.Create(CultureInfo.InvariantCulture, $"2547{Buyers.NewPhone():D8}") },
            items = new[] { new { name = "Seat", quantity = seats, unitPrice = 100, seats = names } },
            currency = "KES",
        });
        answer.EnsureSuccessStatusCode();
        var view = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return new SeatOrder(view.GetProperty("orderId").GetGuid(), view.GetProperty("orderNumber").GetString()!, email, names);
    }

    /// <summary>Everything that is promised is due now, whatever it failed of before.</summary>
    public static Task DueNowAsync(Books books) => books.RunAsync(
        "update outbox set due_at = now() where done_at is null and buried_at is null and leased_until is null and due_at > now() and kind <> 'ask_provider'");
}
