using System.Globalization;
using System.Text;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Mail;

/// <summary>The words of the mails.</summary>
internal static class Letters
{
    public static Letter Welcome(PaidOrder paid, string link)
    {
        var order = paid.Order;
        var html = new LetterHtml($"Welcome, {order.Customer.FirstName}", "Your first order went through. Here is how it goes on.")
            .Hero("Your first order", $"Welcome, {order.Customer.FirstName}!", paid.Event?.Name)
            .Paragraph("Your first order went through, and you are all set. Two more mails are on their way: your tickets with their QR codes, and the receipt of your payment.")
            .Facts(Basics(paid))
            .Steps(
                ("Keep the tickets at hand", "Every ticket has a QR code. Show it at the entrance, on the phone or on paper."),
                ("One scan, one person", "A code lets one person in, once. Send friends theirs, not all of them."),
                ("Lost the mail?", "The button below opens your tickets at any time."))
            .Button("Open my tickets", link)
            .ToString();
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"Welcome, {order.Customer.FirstName}!\n\n")
            .Append("Your first order went through. Your tickets and the receipt come in two mails of their own.\n\n")
            .Append(TextFacts(Basics(paid)))
            .Append("\nEvery ticket has a QR code: show it at the entrance, on the phone or on paper. A code lets one person in, once.\n")
            .Append(CultureInfo.InvariantCulture, $"\nYour tickets, at any time:\n{link}\n");
        return new Letter($"Welcome, {order.Customer.FirstName}", text.ToString(), html, []);
    }

    public static Letter Ticket(PaidOrder paid, string link)
    {
        var what = paid.Event?.Name ?? paid.Items[0].Name;
        var many = paid.Tickets.Count != 1;
        LetterCode[] codes = [.. paid.Tickets.Select(t => Code(paid, t))];
        var html = new LetterHtml(many ? "Your tickets" : "Your ticket", $"{paid.Tickets.Count} × {what}. Show the QR code at the entrance.")
            .Hero(many ? "Your tickets" : "Your ticket", what, EventTimes.Of(paid.Event), paid.Event?.Venue)
            .Paragraph(many
                ? $"Hello {paid.Order.Customer.FirstName}, here are your {paid.Tickets.Count.ToString(CultureInfo.InvariantCulture)} tickets. Each QR code lets one person in, once."
                : $"Hello {paid.Order.Customer.FirstName}, here is your ticket. The QR code lets one person in, once.");
        foreach (var (ticket, code) in paid.Tickets.Zip(codes))
        {
            html.Stub(code.ContentId, ticket.Slot.Item, Place(ticket.Slot), $"Ticket {ticket.Slot.Number.ToString(CultureInfo.InvariantCulture)} of {paid.Slots.Count.ToString(CultureInfo.InvariantCulture)}");
        }

        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{what}\n");
        Append(text, EventTimes.Of(paid.Event));
        Append(text, paid.Event?.Venue);
        text.Append('\n');
        foreach (var ticket in paid.Tickets)
        {
            text.Append(CultureInfo.InvariantCulture, $"Ticket {ticket.Slot.Number} of {paid.Slots.Count}: {ticket.Slot.Item}{(ticket.Slot.Seat is null ? "" : ", seat " + ticket.Slot.Seat)}\n");
        }

        text.Append('\n').Append(TextFacts(Basics(paid)))
            .Append("\nThe QR codes are attached. Each lets one person in, once.\n")
            .Append(CultureInfo.InvariantCulture, $"\nYour tickets, at any time:\n{link}\n");
        html.Button(many ? "Open my tickets" : "Open my ticket", link).Facts(Basics(paid));
        return new Letter(many ? $"Your tickets: {what}" : $"Your ticket: {what}", text.ToString(), html.ToString(), codes);
    }

    public static Letter Receipt(PaidOrder paid, string link)
    {
        var order = paid.Order;
        (string, string)[] facts =
        [
            (order.Provider == "payhero" ? "M-PESA receipt number" : "Receipt number", order.Receipt ?? ""),
            .. Basics(paid),
        ];
        var lines = paid.Items.Select(i => (
            i.Quantity == 1 ? i.Name : string.Create(CultureInfo.InvariantCulture, $"{i.Quantity} × {i.Name}"),
            Seats(i),
            Amount(i.UnitPrice * i.Quantity, order.Total.Currency))).ToArray();
        var total = Amount(order.Total.Major, order.Total.Currency);
        var html = new LetterHtml($"Receipt {order.Receipt}", $"We received {total}. Thank you!")
            .Hero("Payment received", total, paid.Event?.Name)
            .Paragraph($"Thank you, {order.Customer.FirstName}. This is the receipt of your payment{(paid.Event?.Name is { } name ? " for " + name : "")}.")
            .Lines(lines, total)
            .Facts(facts)
            .Button("Open my order", link)
            .ToString();
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"We received {total}. Thank you, {order.Customer.FirstName}!\n\n");
        foreach (var (what, seats, price) in lines)
        {
            text.Append(CultureInfo.InvariantCulture, $"{what}{(seats is null ? "" : $" ({seats})")}: {price}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"Total: {total}\n\n").Append(TextFacts(facts))
            .Append(CultureInfo.InvariantCulture, $"\nYour tickets, at any time:\n{link}\n");
        return new Letter($"Receipt {order.Receipt}: {total}", text.ToString(), html, []);
    }

    private static string Place(TicketSlot slot) => slot.Seat is null ? "Free seating" : "Seat " + slot.Seat;

    private static string? Seats(SoldItem item) => item.Seats is { Count: > 0 } seats ? (seats.Count == 1 ? "Seat " : "Seats ") + string.Join(", ", seats) : null;

    private static LetterCode Code(PaidOrder paid, Ticket ticket) => new(
        ticket.Slot.Number,
        string.Create(CultureInfo.InvariantCulture, $"ticket-{ticket.Slot.Number}-{paid.Order.OrderNumber}"),
        string.Create(CultureInfo.InvariantCulture, $"ticket-{paid.Order.OrderNumber}-{ticket.Slot.Number}.png"));

    private static (string, string)[] Basics(PaidOrder paid) => [("Booking", paid.Order.BookingReference ?? ""), ("Order", paid.Order.OrderNumber)];

    private static string TextFacts(IEnumerable<(string Name, string Value)> facts) => string.Concat(facts.Select(f => $"{f.Name}: {f.Value}\n"));

    private static string Amount(decimal major, string currency) =>
        string.Create(CultureInfo.InvariantCulture, $"{currency} {major.ToString("N" + (Currencies.Decimals(currency) ?? 2).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)}");

    private static void Append(StringBuilder text, string? line)
    {
        if (!string.IsNullOrEmpty(line))
        {
            text.Append(line).Append('\n');
        }
    }
}
