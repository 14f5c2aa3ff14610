using System.Buffers;
using System.Text;
using System.Text.Json;

namespace LongPoll.Server.Payments;

/// <summary>
/// The bytes of an order view, kept small: the names of its fields are left out, as they stand in all of them alike; so are the order's id, which
/// whoever keeps it knows, and the values that nearly all views of an unpaid order have. Each parked page keeps the view that it has seen, for the
/// case that the database does not answer when its time is up.
/// </summary>
internal static class FoldedView
{
    /// <summary>Stands where a name was. No text in UTF-8 has this byte.</summary>
    private const byte Fold = 0xFF;

    /// <summary>Stands for the order's id where a value begins; no value of JSON begins with this byte, or one of the words' below it.</summary>
    private const byte OwnId = 0xFE;

    private const byte FirstWord = 0x80;

    private static readonly byte[][] s_names =
    [
        .. OrderViewJson.Default.OrderView.Properties.SelectMany((field, n) => (string[])
        [
            $"{(n == 0 ? '{' : ',')}\"{field.Name}\":",
            .. field.PropertyType == typeof(CustomerView) ? OrderViewJson.Default.CustomerView.Properties.Select(static (part, m) => $"{(m == 0 ? '{' : ',')}\"{part.Name}\":") : [],
        ]).Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] s_words =
    [
        "null"u8.ToArray(), "false"u8.ToArray(), "true"u8.ToArray(), "[]"u8.ToArray(),
        .. ((string[])
        [
            Names.Of(PaymentStatus.Pending), Names.Of(PaymentStatus.Processing), Names.Of(Fulfilment.None), "payhero", "stripe", "phonepe",
            BuyerMessages.EnterPin, BuyerMessages.BeingStarted, BuyerMessages.OnTheProvidersPage,
        ]).Select(static word => JsonSerializer.SerializeToUtf8Bytes(word, OrderViewJson.Default.String)),
    ];

    /// <summary>Folds a view that is written as ours are; all else is kept as it is.</summary>
    public static byte[] Of(Guid orderId, ReadOnlySpan<byte> json)
    {
        if (!json.StartsWith(s_names[0]) || json.Contains(Fold))
        {
            return json.ToArray();
        }

        var ownId = Quoted(orderId);
        var folded = new ArrayBufferWriter<byte>(json.Length);
        var rest = json;
        foreach (var name in s_names)
        {
            var at = rest.IndexOf(name);
            if (at < 0 || (at > 0 && rest[0] >= FirstWord))
            {
                return json.ToArray();
            }

            var value = rest[..at];
            folded.Write(value.SequenceEqual(ownId) ? [OwnId] : Word(value) is { } word ? [word] : value);
            folded.Write([Fold]);
            rest = rest[(at + name.Length)..];
        }

        folded.Write(rest);
        return folded.WrittenSpan.ToArray();
    }

    /// <summary>The bytes as they were.</summary>
    public static byte[] Unfold(Guid orderId, byte[] folded)
    {
        if (folded is not [Fold, ..])
        {
            return folded;
        }

        var json = new ArrayBufferWriter<byte>(4 * folded.Length);
        ReadOnlySpan<byte> rest = folded;
        foreach (var name in s_names)
        {
            var at = rest.IndexOf(Fold);
            json.Write(rest[..at] switch
            {
                [OwnId] => Quoted(orderId),
                [>= FirstWord and var word] => s_words[word - FirstWord],
                var value => value,
            });
            json.Write(name);
            rest = rest[(at + 1)..];
        }

        json.Write(rest);
        return json.WrittenSpan.ToArray();
    }

    private static byte? Word(ReadOnlySpan<byte> value)
    {
        for (var n = 0; n < s_words.Length; n++)
        {
            if (value.SequenceEqual(s_words[n]))
            {
                return (byte)(FirstWord + n);
            }
        }

        return null;
    }

    private static byte[] Quoted(Guid orderId) => Encoding.ASCII.GetBytes($"\"{orderId:D}\"");
}
