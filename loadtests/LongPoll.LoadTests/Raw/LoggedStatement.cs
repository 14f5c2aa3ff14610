using System.Text;
using System.Text.Json;

namespace LongPoll.LoadTests.Raw;

/// <summary>A statement as PostgreSQL's JSON log has it, with the values that it was executed with.</summary>
internal sealed record LoggedStatement(string Sql, IReadOnlyList<string?> Values)
{
    /// <summary>The statements of a log whose text contains this, in the order of their execution.</summary>
    public static IEnumerable<LoggedStatement> Read(string logFile, string containing)
    {
        foreach (string line in File.ReadLines(logFile))
        {
            using JsonDocument entry = JsonDocument.Parse(line);
            string message = Text(entry, "message");

            // "execute <name>: <sql>"
            if (message.StartsWith("execute ", StringComparison.Ordinal) && message.Contains(containing, StringComparison.Ordinal))
                yield return new LoggedStatement(message[(message.IndexOf(':', StringComparison.Ordinal) + 1)..], ValuesOf(Text(entry, "detail")));
        }
    }

    // "parameters: $1 = 'it''s', $2 = NULL"
    private static List<string?> ValuesOf(string detail)
    {
        List<string?> values = [];
        for (int at = detail.IndexOf('$', StringComparison.Ordinal); at >= 0; at = detail.IndexOf('$', at))
        {
            at = detail.IndexOf(" = ", at, StringComparison.Ordinal) + 3;
            values.Add(detail[at] == '\'' ? Quoted(detail, ref at) : null);
        }

        return values;
    }

    private static string Quoted(string detail, ref int at)
    {
        StringBuilder value = new();
        for (at++; detail[at] != '\'' || (at + 1 < detail.Length && detail[at + 1] == '\''); at++)
        {
            value.Append(detail[at]);
            if (detail[at] == '\'')
                at++;
        }

        return value.ToString();
    }

    private static string Text(JsonDocument entry, string property) =>
        entry.RootElement.TryGetProperty(property, out JsonElement value) ? value.GetString() ?? "" : "";
}
