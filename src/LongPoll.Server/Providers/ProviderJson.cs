using System.Text.Json;

namespace LongPoll.Server.Providers;

/// <summary>Reads other people's JSON: whatever has another form than expected is absent, and nothing throws.</summary>
internal static class ProviderJson
{
    private const int LongestText = 300;

    /// <summary>The object, or null when the body is JSON but no object.</summary>
    /// <exception cref="JsonException">The body is no JSON.</exception>
    public static JsonElement? Parse(ReadOnlyMemory<byte> body)
    {
        // Some senders put a byte order mark in front; it is no part of the JSON.
        using var json = JsonDocument.Parse(body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body);
        return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
    }

    public static JsonElement? Object(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    public static IEnumerable<JsonElement> Objects(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.Object)
            : [];

    /// <summary>A string. Empty is absent, and so is what no database column takes: a NUL, or thousands of signs for an id.</summary>
    public static string? Text(this JsonElement element, string name)
    {
        if (!element.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            var text = value.GetString()!;
            return text.Length is > 0 and <= LongestText && !text.Contains('\0', StringComparison.Ordinal) ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair is no text.
            return null;
        }
    }

    /// <summary>An id of money: letters, digits and a few signs. Anything else is none, and the provider is asked.</summary>
    public static string? Id(this JsonElement element, string name) =>
        element.Text(name) is { Length: <= 128 } text && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or ':') ? text : null;

    /// <summary>A whole number, such as an amount in minor units.</summary>
    public static long? Whole(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number)
            && number == decimal.Truncate(number) && Math.Abs(number) < 1_000_000_000_000_000
            ? (long)number
            : null;
}
