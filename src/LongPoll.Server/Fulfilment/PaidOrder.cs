using System.Text.Json;
using System.Text.Json.Serialization;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Fulfilment;

/// <summary>A line of the order as it was sold. The price is in major units.</summary>
internal sealed record SoldItem(string Name, int Quantity, decimal UnitPrice, IReadOnlyList<string>? Seats);

/// <summary>The event that was sold.</summary>
internal sealed record SoldEvent(string? Id, string? Name, DateTimeOffset? StartsAt, string? TimeZone, string? Venue, string? OrganizerEmail);

/// <summary>One ticket that an order is owed: a unit of a line, with its seat where seats were named.</summary>
/// <param name="Line">Which line of the order, from 0.</param>
/// <param name="Unit">Which unit of the line, from 0.</param>
/// <param name="Number">Which ticket of the order, from 1.</param>
/// <param name="Item">What it is for.</param>
/// <param name="Seat">Null where seats are free.</param>
internal sealed record TicketSlot(int Line, int Unit, int Number, string Item, string? Seat);

/// <summary>A ticket that was issued.</summary>
/// <param name="Slot">What it is for.</param>
/// <param name="IssuedAt">When it was issued.</param>
/// <param name="TicketPath">Where the external ticket service put it, or null.</param>
/// <param name="ExternalId">What the external ticket service calls it, or null.</param>
/// <param name="AdmittedAt">When it was used, or null.</param>
/// <param name="VoidedAt">When its money went back, or null.</param>
internal sealed record Ticket(
    TicketSlot Slot, DateTime IssuedAt, string? TicketPath = null, string? ExternalId = null, DateTime? AdmittedAt = null, DateTime? VoidedAt = null);

/// <summary>An order with everything that its tickets and mails are made from.</summary>
/// <param name="Order">The order and its buyer.</param>
/// <param name="Items">What was sold.</param>
/// <param name="Event">For which event, or null.</param>
/// <param name="Tickets">The tickets issued so far, by number.</param>
/// <param name="Mails">The kinds of mails that nobody has to send any more.</param>
internal sealed record PaidOrder(
    Order Order, IReadOnlyList<SoldItem> Items, SoldEvent? Event, IReadOnlyList<Ticket> Tickets, IReadOnlyList<string> Mails)
{
    /// <summary>The tickets that this order is owed, in the order of its lines.</summary>
    public IReadOnlyList<TicketSlot> Slots => field ??= [.. Items
        .SelectMany((item, line) => Enumerable.Range(0, item.Quantity).Select(unit => (item, line, unit)))
        .Select((one, n) => new TicketSlot(one.line, one.unit, n + 1, one.item.Name, one.item.Seats?.ElementAtOrDefault(one.unit)?.Trim()))];

    /// <summary>The buyer's name, or an empty text when the buyer was erased.</summary>
    public string BuyerName => $"{Order.Customer.FirstName} {Order.Customer.LastName}".Trim();
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<SoldItem>))]
[JsonSerializable(typeof(SoldEvent))]
internal sealed partial class SoldJson : JsonSerializerContext;
