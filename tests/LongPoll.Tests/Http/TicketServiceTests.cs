using System.Text.Json;
using LongPoll.Tests.Tickets;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace LongPoll.Tests.Http;

/// <summary>Tickets from the external QR service: asked per seat, each with a result of its own.</summary>
public abstract class TicketServiceTests(ServerWorld world)
{
    [Fact]
    [Trait("Acceptance", "85")]
    [Trait("Acceptance", "86")]
    [Trait("Acceptance", "87")]
    [Trait("Acceptance", "88")]
    public async Task EachSeat_IsAskedForInTheServicesOwnWords()
    {
        await using var service = await FakeTicketService.StartAsync();
        await using var shop = await FulfilmentShop.StartAsync(world, ("TicketApi:BaseUrl", service.Url + "/"));
        var address = FulfilmentShop.NewAddress();
        var order = await shop.PlaceAsync(address, ["A1", "A2"], change: body => body["event"]!["organizerEmail"] = "organizer@example.com");
        var receipt = await shop.PayAsync(order);

        var asked = service.AskedFor(receipt);
        Assert.Equal(["A1", "A2"], asked.Select(a => a.Seat).Order(StringComparer.Ordinal));
        Assert.All(asked, a =>
        {
            Assert.Equal("/api/ETickets/GenerateETicket", a.Path);
            Assert.Equal(
                ["BuyerEmail", "EventID", "EventName", "FirstName", "OrganizerEmail", "PaymentGUID", "SeatNo"],
                a.Body.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
            Assert.All(a.Body.EnumerateObject(), p => Assert.Equal(JsonValueKind.String, p.Value.ValueKind));
            Assert.Equal("jazz-1", a.Body.GetProperty("EventID").GetString());
            Assert.Equal("Jazz by the lake", a.Body.GetProperty("EventName").GetString());
            Assert.Equal("Test", a.Body.GetProperty("FirstName").GetString());
            Assert.Equal(address, a.Body.GetProperty("BuyerEmail").GetString());
            Assert.Equal("organizer@example.com", a.Body.GetProperty("OrganizerEmail").GetString());
        });
        var ticket = (await shop.TicketsAsync(order)).Json.GetProperty("tickets")[0];
        Assert.Equal($"/etickets/{receipt}/A1.pdf", ticket.GetProperty("ticketPath").GetString());
        Assert.Equal("4711", ticket.GetProperty("bookingId").GetString());
        Assert.DoesNotContain("etickets", (await shop.Shop.ReadAsync(order)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500, "ticket_service_unavailable")]
    [InlineData(400, "ticket_refused")]
    [InlineData(200, "ticket_refused")]
    [Trait("Acceptance", "88")]
    [Trait("Acceptance", "89")]
    public async Task OneSeatThatFails_NeitherStopsTheOthersNorUndoesTheBooking_AndComesLater(int status, string error)
    {
        var broken = true;
        await using var service = await FakeTicketService.StartAsync();
        service.Instead = async (asked, http) =>
        {
            if (!broken || asked.Seat != "A2")
            {
                return false;
            }

            http.Response.StatusCode = status;
            await http.Response.WriteAsJsonAsync(new { Success = false, ErrorMessage = "printer of tom@example.com on fire" }, JsonSerializerOptions.Default);
            return true;
        };
        await using var shop = await FulfilmentShop.StartAsync(world, ("TicketApi:BaseUrl", service.Url));
        var order = await shop.PlaceAsync(seats: ["A1", "A2", "A3"]);
        await shop.PayAsync(order);

        var partial = (await shop.FulfilledAsync(order)).Json;
        Assert.Equal("partial", partial.GetProperty("fulfilment").GetString());
        Assert.Equal(
            [("A1", true, null), ("A2", false, error), ("A3", true, null)],
            partial.GetProperty("tickets").EnumerateArray().Select(t => (t.GetProperty("seat").GetString(), t.GetProperty("success").GetBoolean(), t.GetProperty("error").GetString())));
        Assert.StartsWith("BK-", partial.GetProperty("bookingReference").GetString(), StringComparison.Ordinal);
        Assert.Equal((2, 1), (await world.CountAsync("tickets", order.Id), await world.CountAsync("bookings", order.Id)));
        var early = await shop.MailsAsync(order, 2);
        Assert.Equal(["receipt", "welcome"], early.Keys.Order(StringComparer.Ordinal));

        broken = false;
        var done = (await shop.Shop.WaitAsync(order, $"timeout=30&since={partial.GetProperty("version").GetInt64()}")).AssertView("completed").Json;

        Assert.Equal("completed", done.GetProperty("fulfilment").GetString());
        Assert.Equal(3, await world.CountAsync("tickets", order.Id));
        Assert.Equal(["receipt", "ticket", "welcome"], (await shop.MailsAsync(order, 3)).Keys.Order(StringComparer.Ordinal));

        // What was made is not asked for again.
        Assert.Single(service.AskedFor(done.GetProperty("receipt").GetString()!), a => a.Seat == "A1");
    }

    [Fact]
    [Trait("Acceptance", "89")]
    public async Task ServiceThatHangs_IsGivenUpInTime()
    {
        await using var service = await FakeTicketService.StartAsync();
        service.Instead = async (asked, http) =>
        {
            if (asked.Seat == "A2")
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted);
            }

            return false;
        };
        await using var shop = await FulfilmentShop.StartAsync(world, ("TicketApi:BaseUrl", service.Url), ("TicketApi:TimeLimit", "00:00:00.200"));
        var order = await shop.PlaceAsync(seats: ["A1", "A2"]);
        var receipt = await shop.PayAsync(order);

        Assert.Equal("partial", (await shop.FulfilledAsync(order)).Json.GetProperty("fulfilment").GetString());
        Assert.Equal(3, service.AskedFor(receipt).Count(a => a.Seat == "A2"));
    }

    [Fact]
    public async Task ServiceThatIsAway_LeavesThePaymentAlone_AndTicketsComeWhenItIsBack()
    {
        var away = true;
        await using var service = await FakeTicketService.StartAsync();
        service.Instead = (_, http) =>
        {
            http.Response.StatusCode = away ? 503 : 200;
            return Task.FromResult(away);
        };
        await using var shop = await FulfilmentShop.StartAsync(world, ("TicketApi:BaseUrl", service.Url));
        var order = await shop.PlaceAsync(seats: ["A1"]);
        await shop.PayAsync(order);
        var failed = (await shop.FulfilledAsync(order)).Json;
        Assert.Equal(("confirmed", "failed"), (failed.GetProperty("status").GetString(), failed.GetProperty("fulfilment").GetString()));

        away = false;
        var done = (await shop.Shop.WaitAsync(order, $"timeout=30&since={failed.GetProperty("version").GetInt64()}")).AssertView("completed").Json;

        Assert.Equal("completed", done.GetProperty("fulfilment").GetString());
    }

    [Fact]
    [Trait("Acceptance", "94")]
    public async Task Callback_DoesNotWaitForTheService()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await FakeTicketService.StartAsync();
        service.Instead = async (_, _) =>
        {
            await gate.Task;
            return false;
        };
        await using var shop = await FulfilmentShop.StartAsync(world, ("TicketApi:BaseUrl", service.Url));
        var order = await shop.PlaceAsync(seats: ["A1"]);

        await shop.Shop.PaidAsync(order);
        Assert.Equal("pending", (await shop.Shop.ReadAsync(order)).AssertView("completed").Json.GetProperty("fulfilment").GetString());

        gate.SetResult();
        Assert.Equal("completed", (await shop.FulfilledAsync(order)).Json.GetProperty("fulfilment").GetString());
    }

    [Fact]
    [Trait("Acceptance", "87")]
    public async Task FreeSeats_AreAskedForByNumber()
    {
        await using var service = await FakeTicketService.StartAsync();
        await using var shop = await FulfilmentShop.StartAsync(world, ("TicketApi:BaseUrl", service.Url));
        var order = await shop.PlaceAsync(quantity: 2);
        var receipt = await shop.PayAsync(order);

        Assert.Equal(["1", "2"], service.AskedFor(receipt).Select(a => a.Seat).Order(StringComparer.Ordinal));
    }
}
