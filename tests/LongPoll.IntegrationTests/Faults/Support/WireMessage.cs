namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>What is handed on in one piece.</summary>
internal interface IWirePart
{
    /// <summary>In bytes.</summary>
    int Length { get; }
}

/// <summary>One message from a client to a server.</summary>
/// <param name="Kind">PostgreSQL: the letter of the message. Redis: the command.</param>
/// <param name="Text">PostgreSQL: the statement that it belongs to. Redis: the first argument.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Answered">The server answers this message before it needs another one.</param>
internal sealed record WireMessage(string Kind, string Text, int Length, bool Answered) : IWirePart;

/// <summary>One message back.</summary>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Completes">With it the oldest message that waits for an answer has been answered whole.</param>
internal sealed record WireAnswer(int Length, bool Completes) : IWirePart;

/// <summary>Cuts the bytes of one connection into messages. Knows what was said before on the same connection.</summary>
internal interface IWireReader
{
    /// <summary>The first message in these bytes from the client; null when it is not complete yet.</summary>
    WireMessage? Read(ReadOnlySpan<byte> bytes);

    /// <summary>The first message in these bytes from the server; null when it is not complete yet.</summary>
    WireAnswer? ReadAnswer(ReadOnlySpan<byte> bytes);
}
