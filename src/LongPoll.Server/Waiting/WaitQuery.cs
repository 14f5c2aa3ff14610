using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace LongPoll.Server.Waiting;

/// <summary>What a wait asks for. Read by hand: the framework's parsed query would be held for as long as the request is parked.</summary>
/// <param name="Condition">When it may be answered.</param>
/// <param name="Patience">How long it may be held.</param>
/// <param name="Preferred">The time came as <c>Prefer: wait=N</c> (RFC 7240), which has to be acknowledged.</param>
internal readonly record struct WaitQuery(WaitCondition Condition, TimeSpan Patience, bool Preferred)
{
    public const int LongestSeconds = 120;

    public static bool TryRead(HttpRequest request, TimeSpan hold, out WaitQuery query, [NotNullWhen(false)] out Dictionary<string, string[]>? errors)
    {
        var (timeout, since, until) = Values(request.QueryString);
        errors = null;
        var preferred = timeout is null ? Preference(request) : null;
        var patience = hold;
        if ((timeout ?? preferred) is { } text)
        {
            patience = TimeSpan.FromSeconds(Seconds(text) ?? Wrong(ref errors, timeout is null ? "Prefer" : "timeout", $"Must be 1 to {LongestSeconds} seconds."));
        }

        long? seen = since is null ? null : Version(since) ?? Wrong(ref errors, "since", "Must be a version: a whole number, 0 or more.");
        var goal = until switch
        {
            null => since is null ? WaitUntil.Settled : WaitUntil.Change,
            "change" => WaitUntil.Change,
            "settled" => WaitUntil.Settled,
            "fulfilled" => WaitUntil.Fulfilled,
            _ => (WaitUntil)Wrong(ref errors, "until", "Must be change, settled or fulfilled."),
        };
        query = new WaitQuery(new WaitCondition(seen, goal), patience, preferred is not null);
        return errors is null;
    }

    // The last one of a name counts.
    private static (string? Timeout, string? Since, string? Until) Values(QueryString query)
    {
        var (timeout, since, until) = ((string?)null, (string?)null, (string?)null);
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            var name = pair.DecodeName().Span;
            if (name.Equals("timeout", StringComparison.OrdinalIgnoreCase))
            {
                timeout = pair.DecodeValue().ToString();
            }
            else if (name.Equals("since", StringComparison.OrdinalIgnoreCase))
            {
                since = pair.DecodeValue().ToString();
            }
            else if (name.Equals("until", StringComparison.OrdinalIgnoreCase))
            {
                until = pair.DecodeValue().ToString();
            }
        }

        return (timeout, since, until);
    }

    private static int? Seconds(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= LongestSeconds ? seconds : null;

    private static long? Version(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;

    private static int Wrong(ref Dictionary<string, string[]>? errors, string field, string what)
    {
        errors ??= new Dictionary<string, string[]>(StringComparer.Ordinal);
        errors[field] = [what];
        return 0;
    }

    /// <summary>The value of <c>wait</c> among the preferences, or null.</summary>
    private static string? Preference(HttpRequest request)
    {
        foreach (var line in request.Headers["Prefer"])
        {
            foreach (var part in (line ?? "").Split([',', ';'], StringSplitOptions.TrimEntries))
            {
                // Blanks around the sign are allowed (RFC 7240).
                if (part.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var value] && name.Equals("wait", StringComparison.OrdinalIgnoreCase))
                {
                    return value.Trim('"');
                }
            }
        }

        return null;
    }
}
