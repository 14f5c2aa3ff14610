using System.Text;

namespace LongPoll.Server.Payments;

/// <summary>
/// The bytes of an order view, kept small: the names of its fields are left out, as they stand in all of them alike. Each parked page
/// keeps the view that it has seen, for the case that the database does not answer when its time is up.
/// </summary>
internal static class FoldedView
{
    /// <summary>Stands where a name was. No text in UTF-8 has this byte.</summary>
    private const byte Fold = 0xFF;

    private static readonly byte[][] s_names =
        [.. OrderViewJson.Default.OrderView.Properties.Select(static (field, n) => Encoding.UTF8.GetBytes($"{(n == 0 ? '{' : ',')}\"{field.Name}\":"))];

    private static readonly int s_folds = s_names.Sum(static name => name.Length - 1);

    /// <summary>Folds a view that is written as ours are; all else is kept as it is.</summary>
    public static byte[] Of(ReadOnlySpan<byte> json)
    {
        if (!json.StartsWith(s_names[0]) || json.Contains(Fold))
        {
            return json.ToArray();
        }

        var folded = new byte[json.Length];
        var rest = json;
        var length = 0;
        foreach (var name in s_names)
        {
            var at = rest.IndexOf(name);
            if (at < 0)
            {
                return json.ToArray();
            }

            rest[..at].CopyTo(folded.AsSpan(length));
            length += at;
            folded[length++] = Fold;
            rest = rest[(at + name.Length)..];
        }

        rest.CopyTo(folded.AsSpan(length));
        return folded[..(length + rest.Length)];
    }

    /// <summary>The bytes as they were.</summary>
    public static byte[] Unfold(byte[] folded)
    {
        if (folded is not [Fold, ..])
        {
            return folded;
        }

        var json = new byte[folded.Length + s_folds];
        var rest = folded.AsSpan();
        var length = 0;
        foreach (var name in s_names)
        {
            var at = rest.IndexOf(Fold);
            rest[..at].CopyTo(json.AsSpan(length));
            name.CopyTo(json.AsSpan(length + at));
            length += at + name.Length;
            rest = rest[(at + 1)..];
        }

        rest.CopyTo(json.AsSpan(length));
        return json;
    }
}
