using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using LongPoll.Server.Http;

namespace LongPoll.Server.Links;

/// <summary>What <c>POST /payment-links</c> takes.</summary>
public sealed record CreateLinkRequest
{
    /// <summary>Major units of <see cref="Currency"/>.</summary>
    public decimal? Amount { get; init; }

    /// <summary>ISO 4217, for example <c>KES</c>.</summary>
    public string? Currency { get; init; }

    /// <summary>What the money is for; the payer reads it. At most 200 characters.</summary>
    public string? Description { get; init; }

    /// <summary><c>payhero</c> (default), <c>stripe</c> or <c>phonepe</c>.</summary>
    public string? Provider { get; init; }

    /// <summary>Until when the link can be paid, at most a year ahead; a day when left out. UTC unless it says otherwise.</summary>
    public DateTime? ExpiresAt { get; init; }

    /// <summary>True for a link that cannot be paid until it is opened.</summary>
    public bool? Draft { get; init; }
}

/// <summary>Who pays a link. The phone is Kenyan: <c>07…</c>, <c>01…</c>, <c>+254…</c> or <c>254…</c>.</summary>
public sealed record PayLinkRequest(string? Phone, string? Email, string? FirstName);

/// <summary>A link's id in an address. Anything that is no UUID is a 400, not a 404.</summary>
internal readonly record struct LinkId(Guid Value) : IParsable<LinkId>
{
    public static LinkId Parse(string s, IFormatProvider? provider) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException("The id of a payment link is a UUID.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out LinkId result)
    {
        // Spelt as an order's id is, and counted by the limits as one.
        var valid = OrderId.TryParse(s, provider, out var id);
        result = new LinkId(id.Value);
        return valid;
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(CreateLinkRequest))]
[JsonSerializable(typeof(PayLinkRequest))]
internal sealed partial class LinksJson : JsonSerializerContext;
