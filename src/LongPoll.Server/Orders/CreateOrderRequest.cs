using System.Text.Json;
using System.Text.Json.Serialization;

namespace LongPoll.Server.Orders;

/// <summary>What <c>POST /orders</c> takes. Prices are major units of <see cref="Currency"/>.</summary>
public sealed record CreateOrderRequest
{
    /// <summary>What is being sold, when it is an event.</summary>
    public EventRequest? Event { get; init; }

    /// <summary>Who buys.</summary>
    public CustomerRequest? Customer { get; init; }

    /// <summary>At least one line, at most 50 units in all.</summary>
    public IReadOnlyList<ItemRequest?>? Items { get; init; }

    /// <summary>ISO 4217, for example <c>KES</c>.</summary>
    public string? Currency { get; init; }

    /// <summary><c>payhero</c> (default), <c>stripe</c> or <c>phonepe</c>.</summary>
    public string? Provider { get; init; }

    /// <summary>Seconds until the order can no longer be paid, 60…86400, default 900.</summary>
    public int? ExpiresIn { get; init; }
}

/// <summary>An event that tickets are sold for.</summary>
public sealed record EventRequest(string? Id, string? Name, DateTimeOffset? StartsAt, string? TimeZone, string? Venue, string? OrganizerEmail);

/// <summary>The buyer. The phone is Kenyan: <c>07…</c>, <c>01…</c>, <c>+254…</c> or <c>254…</c>.</summary>
public sealed record CustomerRequest(string? Email, string? FirstName, string? LastName, string? Country, string? Phone);

/// <summary>A line of the order. <c>Seats</c> is empty or names exactly <c>Quantity</c> seats.</summary>
public sealed record ItemRequest(string? Name, int? Quantity, decimal? UnitPrice, IReadOnlyList<string?>? Seats);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(CreateOrderRequest))]
[JsonSerializable(typeof(IReadOnlyList<ItemRequest>))]
[JsonSerializable(typeof(EventRequest))]
internal sealed partial class OrdersJson : JsonSerializerContext;
