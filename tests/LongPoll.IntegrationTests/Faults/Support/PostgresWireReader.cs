using System.Buffers.Binary;
using System.Text;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>PostgreSQL's protocol 3, without encryption: a letter, a length, the rest.</summary>
internal sealed class PostgresWireReader : IWireReader
{
    // Statements that this connection has prepared, by name: what is bound to one says only the name. The empty name is everybody's.
    private readonly Dictionary<string, string> _prepared = new(StringComparer.Ordinal);
    private bool _started;
    private string _statement = "";

    public WireMessage? Read(ReadOnlySpan<byte> bytes)
    {
        var head = _started ? 5 : 4;
        if (Length(bytes, head) is not { } length)
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
                var name = Text(body, out body);
                _prepared[name] = _statement = Text(body, out _);
                break;
            case 'B': // Bind: a portal, then the name of the statement.
                Text(body, out body);
                _statement = _prepared[Text(body, out _)];
                break;
            case 'Q':
                _statement = Text(body, out _);
                break;
        }

        return new WireMessage(kind.ToString(), _statement, length, Answered: kind is 'S' or 'Q');
    }

    /// <summary>Each answer ends with "ready for query".</summary>
    public WireAnswer? ReadAnswer(ReadOnlySpan<byte> bytes) =>
        Length(bytes, head: 5) is { } length ? new WireAnswer(length, Completes: bytes[0] == 'Z') : null;

    private static int? Length(ReadOnlySpan<byte> bytes, int head) =>
        bytes.Length >= head && BinaryPrimitives.ReadInt32BigEndian(bytes[(head - 4)..]) + head - 4 is var length && bytes.Length >= length ? length : null;

    private static string Text(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> rest)
    {
        var end = bytes.IndexOf((byte)0);
        rest = bytes[(end + 1)..];
        return Encoding.UTF8.GetString(bytes[..end]);
    }
}
