using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Subjects;

namespace LongPoll.LoadTests.Buyers;

/// <summary>One buyer from order to answer: places it, opens a page that waits, and pays, cancels or fails on the phone.</summary>
internal sealed class Buyer(ISubject subject, CallbackLanes lanes, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Between two questions of a page that polls; null for pages that are held.</summary>
    public TimeSpan? Pause { get; init; }

    /// <param name="thinking">From the answered order to the callback.</param>
    /// <param name="decide">What the buyer does on the phone; null leaves the usual: pays.</param>
    /// <param name="cancel">Ends everything.</param>
    public async Task<Wait> BuyAsync(TimeSpan thinking, Action<Payment>? decide, CancellationToken cancel)
    {
        Payment payment = (await subject.PlaceAsync(1, cancel))[0];
        decide?.Invoke(payment);
        TaskCompletionSource answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using Page page = new(subject.NodeOf(payment), Pause, clock, _ => answered.TrySetResult());
        Wait wait = new(payment);
        page.Begin(wait, Pause is null ? subject.WaitRequest(payment) : subject.ReadRequest(payment)
            ?? throw new RunImpossibleException($"{subject.Name} cannot be polled."));
        await Task.Delay(thinking, clock, cancel);
        payment.DueAt = clock.GetTimestamp();
        lanes.Send(payment);
        try
        {
            await answered.Task.WaitAsync(Patience, clock, cancel);
        }
        catch (TimeoutException)
        {
            wait.Fault ??= "no answer";
        }

        return wait;
    }
}
