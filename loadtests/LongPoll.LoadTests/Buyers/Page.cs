using LongPoll.LoadTests.Client;

namespace LongPoll.LoadTests.Buyers;

/// <summary>
/// A browser page on a connection of its own. It asks, and asks again as long as its order is open: at once, as pages that
/// are held do, or after a pause, as pages did that polled.
/// </summary>
/// <param name="node">Where it asks.</param>
/// <param name="pause">Between an answer that the order is open and the next question; null for none.</param>
/// <param name="clock">The run's clock.</param>
/// <param name="answered">Told, on the thread of the loop, when the page has its last answer or will get none.</param>
internal sealed class Page(Destination node, TimeSpan? pause, TimeProvider clock, Action<Page> answered) : IConnectionHandler, IDisposable
{
    private Connection? _connection;
    private byte[] _request = [];
    private ITimer? _pausing;

    public Wait Wait { get; private set; } = null!;

    /// <summary>Asks for the payment; never waits.</summary>
    /// <param name="wait">Where it is noted what the page is told.</param>
    /// <param name="request">What it asks, as often as it has to.</param>
    public void Begin(Wait wait, byte[] request)
    {
        Wait = wait;
        _request = request;
        if (_connection is { IsClosed: false })
            Ask();
        else
            _connection = node.Open(this);
    }

    public void Connected(Connection connection)
    {
        _connection = connection;
        Ask();
    }

    public void Answered(Connection connection, HttpAnswer answer, long at)
    {
        Wait.AnsweredAt = at;
        Wait.PaymentStatus = answer.Text("paymentStatus"u8);
        if (answer.Status != 200)
        {
            End($"page: {answer.Status}");
        }
        else if (Wait.PaymentStatus is "pending" or "processing")
        {
            Wait.TimeOuts++;
            AskAgain();
        }
        else
        {
            Wait.Ending = answer.Header("longpoll-ending"u8);
            End(null);
        }
    }

    public void Broken(Connection connection, string why) => End($"page: {why}");

    public void Dispose()
    {
        _pausing?.Dispose();
        _connection?.Dispose();
    }

    private void Ask()
    {
        Wait.Calls++;
        Wait.AskedAt = clock.GetTimestamp();
        _ = _connection!.TrySend(_request);
    }

    private void AskAgain()
    {
        if (pause is not { } time)
        {
            Ask();
            return;
        }

        _pausing ??= clock.CreateTimer(static page => ((Page)page!).Ask(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _pausing.Change(time, Timeout.InfiniteTimeSpan);
    }

    private void End(string? fault)
    {
        Wait.Fault ??= fault;
        answered(this);
    }
}
