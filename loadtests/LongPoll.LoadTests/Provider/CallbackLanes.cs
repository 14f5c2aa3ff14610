using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using LongPoll.LoadTests.Client;
using LongPoll.Sandbox.PayHero;

namespace LongPoll.LoadTests.Provider;

/// <summary>The provider's side of callbacks: a fixed number of kept-alive connections, one callback at a time on each.</summary>
internal sealed class CallbackLanes : IDisposable
{
    private readonly Channel<Payment> _due = Channel.CreateUnbounded<Payment>();
    private readonly Destination _target;
    private readonly TimeProvider _clock;
    private readonly HttpConnection?[] _lanes;
    private Task _sending = Task.CompletedTask;

    private CallbackLanes(Destination target, int count, TimeProvider clock)
    {
        _target = target;
        _lanes = new HttpConnection?[count];
        _clock = clock;
    }

    public static async Task<CallbackLanes> OpenAsync(IReadOnlyList<Payment> payments, int count, TimeProvider clock, CancellationToken cancel)
    {
        Uri first = payments[0].Prompt.Push.CallbackUrl
            ?? throw new RunImpossibleException("The server's pushes name no callback_url; set PayHero__CallbackUrl or PublicUrl.");
        CallbackLanes lanes = new(await Destination.ResolveAsync(first, cancel), count, clock);
        try
        {
            for (int i = 0; i < count; i++)
                lanes._lanes[i] = await lanes._target.OpenAsync(cancel);
        }
        catch (SocketException refused)
        {
            lanes.Dispose();
            throw new RunImpossibleException($"The callback address {first.Authority} of the pushes is not reachable: {refused.Message}.", refused);
        }

        lanes._sending = Task.WhenAll(Enumerable.Range(0, count).Select(i => lanes.RunLaneAsync(i, cancel)));
        return lanes;
    }

    /// <summary>Sends on the next free lane; never waits.</summary>
    public void Send(Payment payment) => _due.Writer.TryWrite(payment);

    /// <summary>Returns when every callback has been answered; nothing can be sent afterwards.</summary>
    public Task DrainAsync()
    {
        _due.Writer.TryComplete();
        return _sending;
    }

    public void Dispose()
    {
        _due.Writer.TryComplete();
        foreach (HttpConnection? lane in _lanes)
            lane?.Dispose();
    }

    private async Task RunLaneAsync(int lane, CancellationToken cancel)
    {
        await foreach (Payment payment in _due.Reader.ReadAllAsync(cancel))
        {
            try
            {
                await SendOnAsync(_lanes[lane] ??= await _target.OpenAsync(cancel), payment, cancel);
            }
            catch (Exception broken) when (broken is SocketException or IOException or InvalidDataException)
            {
                payment.Fault ??= $"callback: {broken.Message}";
                _lanes[lane]?.Dispose();
                _lanes[lane] = null;
            }
        }
    }

    private async Task SendOnAsync(HttpConnection lane, Payment payment, CancellationToken cancel)
    {
        // The money moves only now: a server that asked for the status before was told QUEUED.
        PaymentOutcome outcome = payment.Prompt.TryPay(_clock.GetUtcNow())
            ?? throw new InvalidOperationException("A payment was released twice.");
        byte[] callback = Callback(payment.Prompt.Push, outcome);
        payment.SentAt = _clock.GetTimestamp();
        await lane.SendAsync(callback, cancel);
        HttpAnswer answer = await lane.ReceiveAsync(cancel);
        payment.CallbackAnsweredAt = _clock.GetTimestamp();
        if (answer.Status != 200)
            payment.Fault ??= $"callback: {answer.Status}";
    }

    private static byte[] Callback(PayHeroPush push, PaymentOutcome outcome)
    {
        byte[] body = PayHeroWire.ShapeA(push, outcome);
        Uri url = push.CallbackUrl!;
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. head, .. body];
    }
}
