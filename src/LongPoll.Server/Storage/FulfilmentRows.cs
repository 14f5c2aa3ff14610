using System.Text.Json;
using System.Text.Json.Serialization;
using LongPoll.Server.Fulfilment;

namespace LongPoll.Server.Storage;

/// <summary>What hangs on an order besides its own columns, as both databases give it.</summary>
internal sealed class SoldRow
{
    public string Items { get; set; } = "[]";
    public string? Event { get; set; }

    /// <summary>A JSON array of <see cref="TicketRow"/>.</summary>
    public string? Tickets { get; set; }

    /// <summary>Kinds, comma between.</summary>
    public string? Mails { get; set; }

    public PaidOrder ToPaidOrder(OrderRow order) => new(
        order.ToOrder(),
        JsonSerializer.Deserialize(Items, SoldJson.Default.IReadOnlyListSoldItem) ?? [],
        Event is null ? null : JsonSerializer.Deserialize(Event, SoldJson.Default.SoldEvent),
        Tickets is null ? [] : [.. JsonSerializer.Deserialize(Tickets, FulfilmentJson.Default.IReadOnlyListTicketRow)!.Select(t => t.ToTicket()).OrderBy(t => t.Slot.Number)],
        Mails?.Split(',') ?? []);
}

/// <summary>A ticket. Instants are milliseconds since 1970, as SQLite keeps them.</summary>
internal sealed record TicketRow(
    int Line, int Unit, int Number, string Item, string? Seat, string? TicketPath, string? ExternalId, long IssuedAt, long? AdmittedAt, long? VoidedAt)
{
    /// <summary>The members of a ticket's JSON object, of <c>tickets t</c>, on SQLite.</summary>
    public const string Members = """
        'line', t.line, 'unit', t.unit, 'number', t.number, 'item', t.item, 'seat', t.seat, 'ticketPath', t.ticket_path, 'externalId', t.external_id,
        'issuedAt', t.issued_at, 'admittedAt', t.admitted_at, 'voidedAt', t.voided_at
        """;

    /// <summary>The same on PostgreSQL.</summary>
    public const string PostgresMembers = """
        'line', t.line, 'unit', t.unit, 'number', t.number, 'item', t.item, 'seat', t.seat, 'ticketPath', t.ticket_path, 'externalId', t.external_id,
        'issuedAt', (extract(epoch from t.issued_at) * 1000)::bigint, 'admittedAt', (extract(epoch from t.admitted_at) * 1000)::bigint,
        'voidedAt', (extract(epoch from t.voided_at) * 1000)::bigint
        """;

    public Ticket ToTicket() => new(
        new TicketSlot(Line, Unit, Number, Item, Seat), Instant(IssuedAt), TicketPath, ExternalId,
        AdmittedAt is { } admitted ? Instant(admitted) : null, VoidedAt is { } voided ? Instant(voided) : null);

    public static Ticket Read(string json) => JsonSerializer.Deserialize(json, FulfilmentJson.Default.TicketRow)!.ToTicket();

    private static DateTime Instant(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(IReadOnlyList<TicketRow>))]
internal sealed partial class FulfilmentJson : JsonSerializerContext;
