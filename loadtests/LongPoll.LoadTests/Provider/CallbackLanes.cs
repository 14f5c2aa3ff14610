using System.Collections.Concurrent;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Subjects;

namespace LongPoll.LoadTests.Provider;

/// <summary>
/// The provider's side of callbacks: kept-alive connections, one callback at a time on each. A callback that finds none
/// free opens another, so that a slow server never holds back what is due.
/// </summary>
internal sealed class CallbackLanes(ISubject subject, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentQueue<CallbackLane> _idle = new();
    private readonly ConcurrentQueue<Payment> _backlog = new();
    private readonly ConcurrentBag<CallbackLane> _lanes = [];
    private int _opened;
    private int _unanswered;

    /// <summary>How many were needed so far.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Callbacks that were sent and have no answer yet.</summary>
    public int Unanswered => Volatile.Read(ref _unanswered);

    /// <summary>Connects so many lanes before they are needed, in turn to every server that takes callbacks.</summary>
    public async Task OpenAsync(int count, CancellationToken cancel)
    {
        for (int i = 0; i < count; i++)
            _ = NewLane();
        for (int i = 0; i < 200 && _idle.Count < count; i++)
            await Task.Delay(TimeSpan.FromMilliseconds(10), clock, cancel);
    }

    /// <summary>Sends now; never waits.</summary>
    public void Send(Payment payment)
    {
        Interlocked.Increment(ref _unanswered);
        while (_idle.TryDequeue(out CallbackLane? lane))
        {
            if (lane.IsClosed)
                continue;
            lane.Send(payment);
            return;
        }

        NewLane(payment);
    }

    /// <summary>Sends all on the lanes that are open, each lane the next one as soon as it has its answer.</summary>
    public void Flood(IReadOnlyList<Payment> payments)
    {
        Interlocked.Add(ref _unanswered, payments.Count);
        foreach (Payment payment in payments)
            _backlog.Enqueue(payment);
        for (int i = _idle.Count; i > 0 && _idle.TryDequeue(out CallbackLane? lane); i--)
            GoOn(lane);
    }

    /// <summary>Returns when every callback was answered or is lost.</summary>
    public async Task DrainAsync(TimeSpan patience, CancellationToken cancel)
    {
        long began = clock.GetTimestamp();
        while (Unanswered > 0 && clock.GetElapsedTime(began) < patience)
            await Task.Delay(TimeSpan.FromMilliseconds(10), clock, cancel);
    }

    public void Dispose()
    {
        foreach (CallbackLane lane in _lanes)
            lane.Dispose();
    }

    internal void Answered(CallbackLane lane)
    {
        Interlocked.Decrement(ref _unanswered);
        GoOn(lane);
    }

    internal void Broken()
    {
        // Its backlog goes on elsewhere.
        Interlocked.Decrement(ref _unanswered);
        if (_backlog.TryDequeue(out Payment? next))
            NewLane(next);
    }

    internal void GoOn(CallbackLane lane)
    {
        if (_backlog.TryDequeue(out Payment? next))
            lane.Send(next);
        else
            _idle.Enqueue(lane);
    }

    private CallbackLane NewLane(Payment? first = null)
    {
        int number = Interlocked.Increment(ref _opened) - 1;
        Destination to = subject.CallbackServers[number % subject.CallbackServers.Count];
        CallbackLane lane = new(this, subject, to, clock, first);
        _lanes.Add(lane);
        lane.Open();
        return lane;
    }
}

/// <summary>One connection of the provider to the server.</summary>
internal sealed class CallbackLane(CallbackLanes lanes, ISubject subject, Destination to, TimeProvider clock, Payment? first)
    : IConnectionHandler, IDisposable
{
    private Connection? _connection;
    private Payment? _current = first;

    /// <summary>The server has hung up while nothing was under way.</summary>
    public bool IsClosed => _connection is { IsClosed: true };

    public void Open() => _connection = to.Open(this);

    public void Send(Payment payment)
    {
        _current = payment;
        byte[] callback = subject.Callback(payment, to);
        payment.SentAt = clock.GetTimestamp();
        if (!_connection!.TrySend(callback))
            Broken(_connection, "could not be sent");
    }

    public void Connected(Connection connection)
    {
        _connection = connection;
        if (_current is { } payment)
            Send(payment);
        else
            lanes.GoOn(this);
    }

    public void Answered(Connection connection, HttpAnswer answer, long at)
    {
        if (Interlocked.Exchange(ref _current, null) is not { } payment)
            return;
        payment.AcknowledgedAt = at;
        if (answer.Status is < 200 or > 299)
            payment.Fault ??= $"callback: {answer.Status}";
        lanes.Answered(this);
    }

    public void Broken(Connection connection, string why)
    {
        if (Interlocked.Exchange(ref _current, null) is not { } payment)
            return;
        payment.Fault ??= $"callback: {why}";
        lanes.Broken();
    }

    public void Dispose() => _connection?.Dispose();
}
