using System.Globalization;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Fulfilment;

/// <summary>The tickets of an order for who has its access token. Amounts are major units.</summary>
public sealed record WalletView
{
    /// <summary>The order.</summary>
    public required Guid OrderId { get; init; }

    /// <summary>Short, for people.</summary>
    public required string OrderNumber { get; init; }

    /// <summary>Null until paid.</summary>
    public required string? BookingReference { get; init; }

    /// <summary><c>none</c>, <c>pending</c>, <c>completed</c>, <c>partial</c> or <c>failed</c>.</summary>
    public required string Fulfilment { get; init; }

    /// <summary>The event, or what was bought where there is none.</summary>
    public required string EventTitle { get; init; }

    /// <summary>ISO 8601; null when nobody said.</summary>
    public required DateTimeOffset? StartsAt { get; init; }

    /// <summary>Where it is; null when nobody said.</summary>
    public required string? Venue { get; init; }

    /// <summary>Who bought.</summary>
    public required string CustomerName { get; init; }

    /// <summary>Masked.</summary>
    public required string CustomerEmail { get; init; }

    /// <summary>The seats by name; empty where seats are free.</summary>
    public required IReadOnlyList<string> BookedSeats { get; init; }

    /// <summary>Major units.</summary>
    public required decimal AmountTotal { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>The provider's transaction id, or null until paid.</summary>
    public required string? PaymentId { get; init; }

    /// <summary>The payment id without the prefix that Stripe gives it.</summary>
    public required string? TicketReference { get; init; }

    /// <summary>True when every ticket was issued.</summary>
    public required bool QrTicketsGenerated { get; init; }

    /// <summary>By number, those that are missing too.</summary>
    public required IReadOnlyList<WalletTicketView> Tickets { get; init; }

    internal static WalletView Of(PaidOrder paid, TicketCodes codes)
    {
        var order = paid.Order;
        return new WalletView
        {
            OrderId = order.OrderId,
            OrderNumber = order.OrderNumber,
            BookingReference = order.BookingReference,
            Fulfilment = Names.Of(order.Fulfilment),
            EventTitle = paid.Event?.Name ?? paid.Items[0].Name,
            StartsAt = paid.Event?.StartsAt,
            Venue = paid.Event?.Venue,
            CustomerName = paid.BuyerName,
            CustomerEmail = CustomerView.Of(order.Customer).Email,
            BookedSeats = order.PaymentStatus == PaymentStatus.Completed ? [.. paid.Slots.Select(s => s.Seat).OfType<string>()] : [],
            AmountTotal = order.Total.Major,
            Currency = order.Total.Currency,
            PaymentId = order.Receipt,
            TicketReference = order.Receipt?.StartsWith("pi_", StringComparison.Ordinal) == true ? order.Receipt[3..] : order.Receipt,
            QrTicketsGenerated = order.Fulfilment == Payments.Fulfilment.Completed,
            Tickets = order.Tickets.Count == 0 ? [] : [.. paid.Slots.Select((slot, n) => WalletTicketView.Of(paid, slot, order.Tickets.ElementAtOrDefault(n), codes))],
        };
    }
}

/// <summary>One ticket with its code.</summary>
/// <param name="Number">Which ticket of the order, from 1.</param>
/// <param name="Item">What it is for.</param>
/// <param name="Seat">Null where seats are free.</param>
/// <param name="Success">True when it was issued.</param>
/// <param name="Status"><c>unused</c>, <c>used</c>, <c>void</c>, or <c>missing</c> until it was issued.</param>
/// <param name="Code">What its QR code says: whoever shows it is let in. Null until issued.</param>
/// <param name="Url">Its page.</param>
/// <param name="QrSvg">The QR code as SVG.</param>
/// <param name="QrPng">The QR code as PNG.</param>
/// <param name="AdmittedAt">When it was used, or null.</param>
/// <param name="TicketPath">Where the external ticket service put it, or null.</param>
/// <param name="BookingId">What the external ticket service calls it, or null.</param>
/// <param name="Error">Why it was not issued yet, a fixed code.</param>
public sealed record WalletTicketView(
    int Number, string Item, string? Seat, bool Success, string Status, string? Code, string? Url, string? QrSvg, string? QrPng,
    DateTime? AdmittedAt, string? TicketPath, string? BookingId, string? Error)
{
    internal static WalletTicketView Of(PaidOrder paid, TicketSlot slot, OrderTicket? told, TicketCodes codes)
    {
        if (paid.Tickets.FirstOrDefault(t => t.Slot.Number == slot.Number) is not { } ticket)
        {
            return new WalletTicketView(slot.Number, slot.Item, slot.Seat, Success: false, "missing", null, null, null, null, null, null, null, told?.Error);
        }

        var url = string.Create(CultureInfo.InvariantCulture, $"/orders/{paid.Order.OrderId:D}/tickets/{slot.Number}");
        return new WalletTicketView(
            slot.Number, slot.Item, slot.Seat, Success: true, GateView.StatusOf(ticket), codes.For(paid.Order.OrderId, slot.Number), url, url + "/qr.svg", url + "/qr.png",
            ticket.AdmittedAt, ticket.TicketPath, ticket.ExternalId, Error: null);
    }
}

/// <summary>What a gate is told about a genuine ticket. Nothing about the person.</summary>
/// <param name="Genuine">Always true: what is not genuine is a 404.</param>
/// <param name="Unused">True when it opens the gate.</param>
/// <param name="Status"><c>unused</c>, <c>used</c> or <c>void</c>.</param>
/// <param name="AdmittedAt">When it was used, or null.</param>
/// <param name="Event">For what.</param>
/// <param name="Item">Which kind of ticket.</param>
/// <param name="Seat">Null where seats are free.</param>
/// <param name="Number">Which ticket of its order, from 1.</param>
/// <param name="OrderNumber">Short, for people.</param>
/// <param name="BookingReference">The booking that it belongs to.</param>
public sealed record GateView(
    bool Genuine, bool Unused, string Status, DateTime? AdmittedAt, string Event, string Item, string? Seat, int Number, string OrderNumber, string? BookingReference)
{
    internal static GateView Of(PaidOrder paid, Ticket ticket) => new(
        Genuine: true, Unused: ticket is { AdmittedAt: null, VoidedAt: null }, StatusOf(ticket), ticket.AdmittedAt, paid.Event?.Name ?? ticket.Slot.Item,
        ticket.Slot.Item, ticket.Slot.Seat, ticket.Slot.Number, paid.Order.OrderNumber, paid.Order.BookingReference);

    internal static string StatusOf(Ticket ticket) => ticket switch
    {
        { VoidedAt: not null } => "void",
        { AdmittedAt: not null } => "used",
        _ => "unused",
    };
}
