using System.Text.Json;

namespace LongPoll.LoadTests.Client;

/// <summary>A connection for one request after the other, to be awaited: for everything that is not timed.</summary>
internal sealed class Line(Destination to) : IConnectionHandler, IDisposable
{
    private Connection? _connection;
    private ReadOnlyMemory<byte> _request;
    private TaskCompletionSource<Reply> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <exception cref="IOException">The connection broke before the answer was complete.</exception>
    public async Task<Reply> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancel)
    {
        _reply = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_connection is not { IsClosed: false } connection)
        {
            _request = request;
            _connection = to.Open(this);
        }
        else
        {
            _ = connection.TrySend(request.Span);
        }

        return await _reply.Task.WaitAsync(cancel);
    }

    public void Connected(Connection connection) => _ = connection.TrySend(_request.Span);

    public void Answered(Connection connection, HttpAnswer answer, long at) =>
        _reply.TrySetResult(new Reply(answer.Status, answer.Body.ToArray()));

    public void Broken(Connection connection, string why) => _reply.TrySetException(new IOException(why));

    public void Dispose() => _connection?.Dispose();
}

/// <summary>An answer that outlives the buffer it was read from.</summary>
internal sealed record Reply(int Status, byte[] Body)
{
    /// <summary>A text property at the top of the JSON body, or null.</summary>
    public string? Text(string property)
    {
        try
        {
            using JsonDocument json = JsonDocument.Parse(Body);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(property, out JsonElement value)
                && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
