using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace LongPoll.LoadTests.Client;

/// <summary>An HTTP/1.1 answer, as much of it as load tests look at. It points into the buffer that it was read from.</summary>
internal readonly ref struct HttpAnswer
{
    private readonly ReadOnlySpan<byte> _head;

    private HttpAnswer(int status, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body)
    {
        Status = status;
        _head = head;
        Body = body;
    }

    public int Status { get; }

    public ReadOnlySpan<byte> Body { get; }

    /// <summary>The value of a header by its name in lower case; null when it is missing.</summary>
    public string? Header(ReadOnlySpan<byte> name) =>
        HeaderOf(_head, name) is { IsEmpty: false } value ? Encoding.ASCII.GetString(value) : null;

    /// <summary>A text property at the top of a JSON body, or null.</summary>
    public string? Text(ReadOnlySpan<byte> property)
    {
        Utf8JsonReader json = new(Body);
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

        bool chunked = HeaderOf(head, "transfer-encoding"u8).SequenceEqual("chunked"u8);
        if (!Utf8Parser.TryParse(HeaderOf(head, "content-length"u8), out int bodyLength, out _) && !chunked && status is not (204 or 304))
            throw new InvalidDataException("The answer has neither a Content-Length nor chunks.");

        ReadOnlySpan<byte> body;
        if (chunked)
        {
            if (!TryReadChunks(rest, out body, out bodyLength))
                return false;
        }
        else
        {
            if (rest.Length < bodyLength)
                return false;
            body = rest[..bodyLength];
        }

        answer = new HttpAnswer(status, head, body);
        length = headEnd + 4 + bodyLength;
        return true;
    }

    private static ReadOnlySpan<byte> HeaderOf(ReadOnlySpan<byte> head, ReadOnlySpan<byte> name)
    {
        foreach (Range range in head.Split("\r\n"u8))
        {
            ReadOnlySpan<byte> line = head[range];
            if (line.Length > name.Length && line[name.Length] == (byte)':' && Ascii.EqualsIgnoreCase(line[..name.Length], name))
                return line[(name.Length + 1)..].Trim((byte)' ');
        }

        return default;
    }

    private static bool TryReadChunks(ReadOnlySpan<byte> arrived, out ReadOnlySpan<byte> body, out int length)
    {
        body = default;
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
