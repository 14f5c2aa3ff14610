using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Http;

/// <summary>Bodies that are read by hand, because what is wrong with them is told by field, or because their bytes matter.</summary>
internal static class RequestBodies
{
    public const string IdempotencyHeader = "Idempotency-Key";

    private const int LongestKey = 200;

    public static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, CancellationToken cancel)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancel);
        return body.GetBuffer().AsMemory(0, (int)body.Length);
    }

    /// <summary>Null when the body is no object of this kind; <paramref name="errors"/> then says which field is wrong.</summary>
    public static T? Parse<T>(ReadOnlyMemory<byte> body, JsonTypeInfo<T> type, out Dictionary<string, string[]> errors)
        where T : class
    {
        errors = new(StringComparer.Ordinal) { [""] = ["The body must be a JSON object."] };
        try
        {
            return JsonSerializer.Deserialize(body.Span, type);
        }
        catch (JsonException e)
        {
            // The path says which field has the wrong type; the message would repeat what was sent.
            errors = e.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal)
                ? new(StringComparer.Ordinal) { [path[2..]] = ["Has the wrong type or range."] }
                : new(StringComparer.Ordinal) { [""] = ["The body is not JSON, or not an object."] };
            return null;
        }
    }

    /// <summary>The client's key with the digest of the body as it came; null without one. What is wrong with it goes to <paramref name="errors"/>.</summary>
    public static IdempotencyKey? IdempotencyKey(HttpRequest request, ReadOnlyMemory<byte> body, Dictionary<string, string[]> errors)
    {
        if (request.Headers[IdempotencyHeader].ToString() is not { Length: > 0 } given)
        {
            return null;
        }

        if (given.Length > LongestKey)
        {
            errors[IdempotencyHeader] = [$"At most {LongestKey} characters."];
        }

        return new IdempotencyKey(given, Convert.ToHexStringLower(SHA256.HashData(body.Span)));
    }
}
