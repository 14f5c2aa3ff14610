using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace LongPoll.LoadTests.Client;

/// <summary>One waiter for each payment, every one on a connection of its own, as browsers would be.</summary>
internal sealed class WaitingRoom(Destination target, TimeProvider clock) : IAsyncDisposable
{
    // 2,000 a second. Connecting is done when the kernel says so, not when the server has accepted: without this pace its
    // queue of 512 overflows, and whoever found it full comes back seconds later.
    private const int ArrivingAtOnce = 50;
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(25);

    /// <summary>The longest hold that the contract allows.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromSeconds(120);

    private readonly CancellationTokenSource _closed = new();
    private readonly ConcurrentBag<Task> _waiters = [];
    private int _answered;

    /// <summary>How long so many need to arrive.</summary>
    public static TimeSpan ParkingTime(int waiters) => Beat * waiters / ArrivingAtOnce;

    /// <summary>How many have asked, answered or not.</summary>
    public int Parked => _waiters.Count;

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Returns when every request has been written.</summary>
    public async Task ParkAsync(IReadOnlyList<Payment> payments, CancellationToken cancel)
    {
        using PeriodicTimer beat = new(Beat, clock);
        List<Task> arriving = [];
        foreach (Payment[] group in payments.Chunk(ArrivingAtOnce))
        {
            // Not awaited one by one: a single connection that the kernel tries again after a second holds nobody else up.
            arriving.AddRange(group.Select(payment => ParkAsync(payment, cancel)));
            await beat.WaitForNextTickAsync(cancel);
        }

        await Task.WhenAll(arriving);
    }

    /// <summary>Waits until everybody has an answer; whoever has none when time is up gets a fault instead.</summary>
    public async Task EndAsync(TimeSpan patience)
    {
        _closed.CancelAfter(patience);
        await Task.WhenAll(_waiters);
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await Task.WhenAll(_waiters);
        _closed.Dispose();
    }

    private async Task ParkAsync(Payment payment, CancellationToken cancel)
    {
        byte[] request = Encoding.ASCII.GetBytes(
            $"GET /orders/{payment.OrderId}/wait?timeout={Hold.TotalSeconds:F0} HTTP/1.1\r\nHost: {target.Authority}\r\n\r\n");
        try
        {
            HttpConnection connection = await target.OpenAsync(cancel);
            await connection.SendAsync(request, cancel);
            _waiters.Add(WaitAsync(connection, request, payment));
        }
        catch (SocketException refused)
        {
            throw new RunImpossibleException($"A waiter could not connect: {refused.Message}.", refused);
        }
    }

    private async Task WaitAsync(HttpConnection connection, byte[] request, Payment payment)
    {
        using (connection)
        {
            try
            {
                payment.Calls = 1;
                while (!Understand(await connection.ReceiveAsync(_closed.Token), payment))
                {
                    payment.Calls++;
                    await connection.SendAsync(request, _closed.Token);
                }
            }
            catch (OperationCanceledException)
            {
                payment.Fault ??= "no answer";
            }
            catch (Exception broken) when (broken is SocketException or IOException or InvalidDataException)
            {
                payment.Fault ??= $"waiter: {broken.Message}";
            }
        }

        Interlocked.Increment(ref _answered);
    }

    // True when this was the last answer; a page would ask again after a time-out, and so does this waiter.
    private bool Understand(HttpAnswer answer, Payment payment)
    {
        payment.AnsweredAt = clock.GetTimestamp();
        payment.Ending = answer.Ending;
        payment.PaymentStatus = answer.Text("paymentStatus"u8);
        if (answer.Status != 200)
        {
            payment.Fault ??= $"waiter: {answer.Status}";
            return true;
        }

        if (payment.PaymentStatus is not ("pending" or "processing"))
            return true;
        payment.TimeOuts++;
        return false;
    }
}
