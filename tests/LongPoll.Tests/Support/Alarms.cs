using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace LongPoll.Tests.Support;

/// <summary>A log line that calls a person.</summary>
internal sealed record AlarmLine(LogLevel Level, int EventId, string Text);

/// <summary>What calls a person: log lines that say so, and what the counter of alarms counted.</summary>
internal sealed class Alarms : ILoggerProvider
{
    private readonly ConcurrentQueue<AlarmLine> _lines = new();
    private readonly ConcurrentQueue<string> _counted = new();
    private readonly MeterListener _listener = new();

    public IReadOnlyList<AlarmLine> Lines => [.. _lines];

    /// <summary>The kinds that were counted, one entry for each count.</summary>
    public IReadOnlyList<string> Counted => [.. _counted];

    /// <summary>Listens to the counter of one node: others in this process have counters of the same name.</summary>
    public void ListenTo(IMeterFactory meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "longpoll.alarms" && ReferenceEquals(instrument.Meter.Scope, meters))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag.Key == "kind")
                {
                    Enumerable.Repeat((string)tag.Value!, (int)count).ToList().ForEach(_counted.Enqueue);
                }
            }
        });
        _listener.Start();
    }

    public ILogger CreateLogger(string categoryName) => new Writer(_lines);

    public void Dispose() => _listener.Dispose();

    private sealed class Writer(ConcurrentQueue<AlarmLine> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = formatter(state, exception);
            if (text.StartsWith("ALARM", StringComparison.Ordinal))
            {
                lines.Enqueue(new AlarmLine(logLevel, eventId.Id, text));
            }
        }
    }
}
