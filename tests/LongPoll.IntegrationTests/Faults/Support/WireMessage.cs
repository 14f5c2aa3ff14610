using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>One message from a client to a server.</summary>
/// <param name="Kind">PostgreSQL: the letter of the message. Redis: the command.</param>
/// <param name="Text">PostgreSQL: the statement that it belongs to. Redis: the first argument.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Answered">The server answers this message before it needs another one.</param>
internal sealed record WireMessage(string Kind, string Text, int Length, bool Answered);

/// <summary>Cuts the bytes of one connection into messages. Knows what was said before on the same connection.</summary>
internal interface IWireReader
{
    /// <summary>The first message in these bytes; null when it is not complete yet.</summary>
    WireMessage? Read(ReadOnlySpan<byte> bytes);
}

/// <summary>PostgreSQL's protocol 3, without encryption: a letter, a length, the rest.</summary>
internal sealed class PostgresWireReader : IWireReader
{
    private bool _started;
    private string _statement = "";

    public WireMessage? Read(ReadOnlySpan<byte> bytes)
    {
        var head = _started ? 5 : 4;
        if (bytes.Length < head)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(bytes[(head - 4)..]) + head - 4;
        if (bytes.Length < length)
        {
            return null;
        }

        if (!_started)
        {
            _started = true;
            return new WireMessage("startup", "", length, Answered: true);
        }

        var kind = (char)bytes[0];
        var body = bytes[5..length];
        switch (kind)
        {
            case 'P': // Parse: a name, then the statement.
                _statement = Text(body[(body.IndexOf((byte)0) + 1)..]);
                break;
            case 'Q':
                _statement = Text(body);
                break;
        }

        return new WireMessage(kind.ToString(), _statement, length, Answered: kind is 'S' or 'Q');
    }

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[..bytes.IndexOf((byte)0)]);
}

/// <summary>Redis's protocol as clients write it: an array of strings, each with its length.</summary>
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

    private static int? Number(ReadOnlySpan<byte> bytes, ref int at, byte sign)
    {
        var end = bytes[at..].IndexOf("\r\n"u8);
        if (end < 0)
        {
            return null;
        }

        Assert.Equal(sign, bytes[at]);
        var number = int.Parse(bytes.Slice(at + 1, end - 1), CultureInfo.InvariantCulture);
        at += end + 2;
        return number;
    }
}
