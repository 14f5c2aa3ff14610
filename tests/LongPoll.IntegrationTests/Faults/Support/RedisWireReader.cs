using System.Globalization;
using System.Text;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>Redis's protocol 2: clients write arrays of strings, each with its length; servers answer with one value each.</summary>
internal sealed class RedisWireReader : IWireReader
{
    public WireMessage? Read(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        if (Number(bytes, ref at, (byte)'*') is not { } count)
        {
            return null;
        }

        var words = new string[2];
        for (var i = 0; i < count; i++)
        {
            if (Number(bytes, ref at, (byte)'$') is not { } length || at + length + 2 > bytes.Length)
            {
                return null;
            }

            if (i < words.Length)
            {
                words[i] = Encoding.UTF8.GetString(bytes.Slice(at, length));
            }

            at += length + 2;
        }

        return new WireMessage(words[0].ToUpperInvariant(), words[1] ?? "", at, Answered: true);
    }

    /// <summary>What was published answers nobody.</summary>
    public WireAnswer? ReadAnswer(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        return Skip(bytes, ref at) ? new WireAnswer(at, Completes: !bytes.StartsWith("*3\r\n$7\r\nmessage\r\n"u8)) : null;
    }

    // One whole value: a line, a string with its length, or an array of values.
    private static bool Skip(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (at >= bytes.Length || Line(bytes, at) is not { } end)
        {
            return false;
        }

        var kind = bytes[at];
        var number = kind is (byte)'$' or (byte)'*' ? int.Parse(bytes[(at + 1)..end], CultureInfo.InvariantCulture) : 0;
        at = end + 2;
        if (kind == '$' && number >= 0)
        {
            at += number + 2;
        }

        for (var i = 0; kind == '*' && i < number; i++)
        {
            if (!Skip(bytes, ref at))
            {
                return false;
            }
        }

        return at <= bytes.Length;
    }

    private static int? Number(ReadOnlySpan<byte> bytes, ref int at, byte sign)
    {
        if (at >= bytes.Length || Line(bytes, at) is not { } end)
        {
            return null;
        }

        Assert.Equal(sign, bytes[at]);
        var number = int.Parse(bytes[(at + 1)..end], CultureInfo.InvariantCulture);
        at = end + 2;
        return number;
    }

    private static int? Line(ReadOnlySpan<byte> bytes, int at) => bytes[at..].IndexOf("\r\n"u8) is >= 0 and var length ? at + length : null;
}
