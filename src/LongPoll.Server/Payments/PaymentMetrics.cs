using System.Diagnostics.Metrics;

namespace LongPoll.Server.Payments;

/// <summary>Counters of the core, on the meter <c>LongPoll.Payments</c>.</summary>
internal sealed class PaymentMetrics
{
    private readonly Counter<long> _reports;
    private readonly Counter<long> _alarms;
    private readonly Counter<long> _limited;

    public PaymentMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("LongPoll.Payments");
        _reports = meter.CreateCounter<long>("longpoll.reports", "{report}", "Reports that went through the door, by provider, source and result.");
        _alarms = meter.CreateCounter<long>("longpoll.alarms", "{alarm}", "What a person must look at, by kind.");
        _limited = meter.CreateCounter<long>("longpoll.limited", "{request}", "Requests refused with 429, by class.");
    }

    public void Settled(Settlement settlement)
    {
        _reports.Add(
            1,
            new("provider", settlement.Report.Provider),
            new("source", Names.Of(settlement.Report.Source)),
            new("result", Names.Of(settlement.Result)));
        if (settlement.MoneyInboxEntry is { } entry)
        {
            Alarm(entry.Problem);
        }
    }

    public void Limited(string requestClass) => _limited.Add(1, new KeyValuePair<string, object?>("class", requestClass));

    public void Alarm(string kind) => _alarms.Add(1, new KeyValuePair<string, object?>("kind", kind));
}
