using System.Diagnostics.Metrics;

namespace LongPoll.Server.Waiting;

/// <summary>Who waits and how waits end, on the meter <c>LongPoll.Waiting</c>.</summary>
internal sealed class WaitMetrics
{
    private readonly UpDownCounter<long> _parked;
    private readonly Histogram<double> _waits;

    public WaitMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("LongPoll.Waiting");
        _parked = meter.CreateUpDownCounter<long>("longpoll.parked", "{request}", "Requests that hold a place on this node.");
        _waits = meter.CreateHistogram<double>("longpoll.wait", "s", "How long waits took, by ending.");
    }

    public void Joined() => _parked.Add(1);

    public void Left() => _parked.Add(-1);

    public void Ended(WaitEnding ending, TimeSpan took) => _waits.Record(took.TotalSeconds, new KeyValuePair<string, object?>("ending", ending.ToString()));
}
