using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Subjects;

namespace LongPoll.LoadTests.Buyers;

/// <summary>One buyer with one order: opens a page that waits for it, and pays, cancels or fails on the phone.</summary>
public sealed class Buyer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ISubject _subject;
    private readonly CallbackLanes _lanes;
    private readonly TimeProvider _clock;
    private readonly TimeSpan? _pause;
    private Page? _page;

    /// <param name="subject">Where the order was placed.</param>
    /// <param name="lanes">How the provider calls back.</param>
    /// <param name="payment">The order.</param>
    /// <param name="pause">Between two questions of a page that polls; null for pages that are held.</param>
    /// <param name="clock">The run's clock.</param>
    internal Buyer(ISubject subject, CallbackLanes lanes, Payment payment, TimeSpan? pause, TimeProvider clock)
    {
        _subject = subject;
        _lanes = lanes;
        _pause = pause;
        _clock = clock;
        Wait = new Wait(payment);
    }

    /// <summary>The order.</summary>
    public string OrderId => Wait.Payment.Id;

    internal Wait Wait { get; }

    /// <summary>Opens the page, which asks and waits; or drops its connection and asks again on a new one.</summary>
    /// <param name="cancel">Ends the attempt.</param>
    /// <returns>When the request is written.</returns>
    public async Task ParkAsync(CancellationToken cancel = default)
    {
        _page?.Dispose();
        Wait.AskedAt = 0;
        _page = new Page(_subject.NodeOf(Wait.Payment), _pause, _clock, _ => _answered.TrySetResult());
        _page.Begin(Wait, Request());
        while (Wait is { AskedAt: 0, Fault: null })
            await Task.Delay(TimeSpan.FromMilliseconds(1), _clock, cancel);
    }

    /// <summary>Ends the payment on the phone: the callback leaves at once.</summary>
    /// <param name="cancel">Stops waiting.</param>
    /// <returns>When the page has its answer, or after a minute and a half without.</returns>
    public async Task<Told> PayAsync(CancellationToken cancel = default)
    {
        Wait.Payment.DueAt = _clock.GetTimestamp();
        _lanes.Send(Wait.Payment);
        try
        {
            await _answered.Task.WaitAsync(Patience, _clock, cancel);
        }
        catch (TimeoutException)
        {
            Wait.Fault ??= "no answer";
        }

        TimeSpan latency = Wait.IsAnsweredAfterCallback ? _clock.GetElapsedTime(Wait.Payment.SentAt, Wait.AnsweredAt) : TimeSpan.Zero;
        return new Told(Wait.Complaint, Wait.Ending, latency);
    }

    /// <summary>Closes the page.</summary>
    public void Dispose() => _page?.Dispose();

    private byte[] Request() => _pause is null
        ? _subject.WaitRequest(Wait.Payment)
        : _subject.ReadRequest(Wait.Payment) ?? throw new RunImpossibleException($"{_subject.Name} cannot be polled.");
}

/// <summary>How a page was answered.</summary>
/// <param name="Complaint">What was not as promised; null when everything was.</param>
/// <param name="Ending">The header LongPoll-Ending; null when there was none.</param>
/// <param name="Latency">From before the first byte of the callback was written to the last byte of the answer.</param>
public sealed record Told(string? Complaint, string? Ending, TimeSpan Latency);
