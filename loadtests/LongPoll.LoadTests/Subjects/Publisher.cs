using System.Text;
using LongPoll.LoadTests.Client;

namespace LongPoll.LoadTests.Subjects;

/// <summary>
/// A peer that only passes messages on: what is posted to a channel answers whoever waits for it, and nothing is stored.
/// It shows what the parking and waking alone costs.
/// </summary>
internal sealed class Publisher(string name, Destination server) : ISubject
{
    private int _number = -1;

    public string Name => name;

    public IReadOnlyList<Destination> Nodes { get; } = [server];

    public IReadOnlyList<Destination> CallbackServers { get; } = [server];

    public TimeSpan AsksAgainWithin => TimeSpan.Zero;

    public Task<IReadOnlyList<Payment>> PlaceAsync(int count, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Payment>>(
        [.. Enumerable.Range(0, count).Select(_ => new Payment { Id = Guid.CreateVersion7().ToString(), Number = Interlocked.Increment(ref _number) })]);

    public byte[] WaitRequest(Payment payment) =>
        Encoding.ASCII.GetBytes($"GET /wait/{payment.Id} HTTP/1.1\r\nHost: {server.Authority}\r\n\r\n");

    public byte[]? ReadRequest(Payment payment) => null;

    public byte[] Callback(Payment payment, Destination to)
    {
        // As long as the order view of LongPoll, so that everybody moves the same bytes.
        string body = $$"""
            {"orderId":"{{payment.Id}}","orderNumber":"XM26QJTC","paymentStatus":"completed","status":"confirmed","settled":true,"totalAmount":300.00,"currency":"KES","refundedAmount":0.00,"provider":"payhero","receipt":"UKLTCTGSG0","checkoutUrl":null,"reason":null,"message":"Payment received. Thank you!","safeToRetry":false,"customer":{"firstName":"Load","email":"l***@example.com","phone":"2547*****938"},"bookingReference":"BK-H9M0PPRXXR","fulfilment":"none","tickets":[],"version":3,"createdAt":"2026-11-21T03:18:46.461Z","updatedAt":"2026-11-21T03:18:46.461Z","expiresAt":"2026-11-22T03:18:46.461Z"}
            """;
        return Encoding.ASCII.GetBytes(
            $"POST /publish/{payment.Id} HTTP/1.1\r\nHost: {to.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
    }
}
