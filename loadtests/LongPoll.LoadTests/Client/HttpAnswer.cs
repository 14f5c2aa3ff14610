using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace LongPoll.LoadTests.Client;

/// <summary>An HTTP/1.1 answer, as much of it as load tests look at.</summary>
internal readonly record struct HttpAnswer(int Status, string? Ending, ReadOnlyMemory<byte> Body)
{
    /// <summary>A text property at the top of a JSON body, or null.</summary>
    public string? Text(ReadOnlySpan<byte> property)
    {
        Utf8JsonReader json = new(Body.Span);
        try
        {
            while (json.Read())
            {
                if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName || !json.ValueTextEquals(property))
                    continue;
                json.Read();
                return json.TokenType == JsonTokenType.String ? json.GetString() : null;
            }
        }
        catch (JsonException)
        {
            return null;
        }

        return null;
    }

    /// <summary>Reads an answer from what has arrived so far.</summary>
    /// <param name="arrived">Everything since the end of the answer before.</param>
    /// <param name="answer">The answer, once it is complete.</param>
    /// <param name="length">How many bytes of <paramref name="arrived"/> it took.</param>
    /// <returns>False while bytes are missing.</returns>
    public static bool TryRead(ReadOnlySpan<byte> arrived, out HttpAnswer answer, out int length)
    {
        answer = default;
        length = 0;
        int headEnd = arrived.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
            return false;
        ReadOnlySpan<byte> head = arrived[..headEnd];
        ReadOnlySpan<byte> rest = arrived[(headEnd + 4)..];

        if (!head.StartsWith("HTTP/1.1 "u8) || !Utf8Parser.TryParse(head[9..], out int status, out _))
            throw new InvalidDataException("This is no HTTP/1.1 answer.");

        bool chunked = Header(head, "transfer-encoding"u8).SequenceEqual("chunked"u8);
        if (!Utf8Parser.TryParse(Header(head, "content-length"u8), out int bodyLength, out _) && !chunked && status is not (204 or 304))
            throw new InvalidDataException("The answer has neither a Content-Length nor chunks.");

        byte[] body;
        if (chunked)
        {
            if (!TryReadChunks(rest, out body, out bodyLength))
                return false;
        }
        else
        {
            if (rest.Length < bodyLength)
                return false;
            body = rest[..bodyLength].ToArray();
        }

        ReadOnlySpan<byte> ending = Header(head, "longpoll-ending"u8);
        answer = new HttpAnswer(status, ending.IsEmpty ? null : Encoding.ASCII.GetString(ending), body);
        length = headEnd + 4 + bodyLength;
        return true;
    }

    private static ReadOnlySpan<byte> Header(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        foreach (Range range in head.Split("\r\n"u8))
        {
            ReadOnlySpan<byte> line = head[range];
            if (line.Length > name.Length && line[name.Length] == (byte)':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
                return line[(name.Length + 1)..].Trim((byte)' ');
        }

        return default;
    }

    private static bool TryReadChunks(ReadOnlySpan<byte> arrived, out byte[] body, out int length)
    {
        body = [];
        length = 0;
        using MemoryStream chunks = new();
        while (true)
        {
            int lineEnd = arrived[length..].IndexOf("\r\n"u8);
            if (lineEnd < 0)
                return false;
            if (!Utf8Parser.TryParse(arrived.Slice(length, lineEnd), out int size, out _, 'x'))
                throw new InvalidDataException("A chunk has no size.");
            int start = length + lineEnd + 2;
            if (arrived.Length < start + size + 2)
                return false;
            chunks.Write(arrived.Slice(start, size));
            length = start + size + 2;
            if (size > 0)
                continue;
            body = chunks.ToArray();
            return true;
        }
    }
}
