namespace LongPoll.Server.Waiting;

/// <summary>
/// A page that waits: the request itself is the waiter, and its task ends when the answer has been written. An asynchronous method that
/// awaits a waiter would do the same, and be held beside it by each parked page.
/// </summary>
internal sealed class ParkedPage(WaitEndpoint endpoint, HttpContext http, Guid orderId, WaitCondition condition, long began, int? preferred)
    : Waiter(orderId, condition)
{
    // Whoever tells it how its wait ends does so amid a request of their own, with their own trace.
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private int _steps;

    /// <summary>Begins the wait. The task ends with the answer, or with what went wrong.</summary>
    public Task HoldAsync(WaitForOrder wait, TimeSpan patience, CancellationToken clientLeft)
    {
        _ = BeginAsync(wait, patience, clientLeft);
        return Task;
    }

    public override void Tell() => Step();

    private async Task BeginAsync(WaitForOrder wait, TimeSpan patience, CancellationToken clientLeft)
    {
        try
        {
            await wait.BeginAsync(this, patience, clientLeft);
        }
        catch (Exception e)
        {
            SetException(e);
            return;
        }

        Step();
    }

    // Told while it still begins, it is answered when it has begun.
    private void Step()
    {
        if (Interlocked.Increment(ref _steps) < 2)
        {
            return;
        }

        if (_context is null)
        {
            _ = AnswerAsync();
            return;
        }

        ExecutionContext.Run(_context, static page => _ = ((ParkedPage)page!).AnswerAsync(), this);
    }

    private async Task AnswerAsync()
    {
        try
        {
            await endpoint.AnswerAsync(this, began, preferred, http);
            SetResult();
        }
        catch (Exception e)
        {
            SetException(e);
        }
    }
}
