namespace LongPoll.LoadTests.Client;

/// <summary>
/// Whoever owns a connection is told here what happens on it, on the thread of the loop: nothing may block, and only one
/// of these runs at a time.
/// </summary>
internal interface IConnectionHandler
{
    /// <summary>The connection stands; requests can be sent.</summary>
    void Connected(Connection connection);

    /// <summary>An answer is complete. It lives until this returns.</summary>
    /// <param name="connection">Where it arrived.</param>
    /// <param name="answer">What it says.</param>
    /// <param name="at">Timestamp of its last byte.</param>
    void Answered(Connection connection, HttpAnswer answer, long at);

    /// <summary>The connection is gone, for the reason given; it is closed already.</summary>
    void Broken(Connection connection, string why);
}
