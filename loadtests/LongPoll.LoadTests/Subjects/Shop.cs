using System.Text;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Provider;
using LongPoll.Sandbox.PayHero;
using LongPoll.Sandbox.Phone;

namespace LongPoll.LoadTests.Subjects;

/// <summary>
/// A shop whose server makes orders, pushes them to the provider, and holds the pages: LongPoll, and the system of source
/// document 003, which speak the same HTTP.
/// </summary>
internal sealed class Shop(
    string name, string pathBase, IReadOnlyList<Destination> nodes, string? apiKey, EventLoop loop, PretendProvider provider, TimeProvider clock,
    Progress progress) : ISubject
{
    private const int Tills = 16;

    /// <summary>The longest hold that the contract allows, in seconds.</summary>
    public const int Hold = 120;

    private bool CallbacksComeDirectly { get; init; } = nodes.Count > 1;

    private int _number = -1;
    private int _phone = Random.Shared.Next(100_000_000);

    public string Name => name;

    public IReadOnlyList<Destination> Nodes => nodes;

    public IReadOnlyList<Destination> CallbackServers { get; private set; } = [];

    /// <inheritdoc />
    /// <remarks>LongPoll asks its provider about every success after half a minute; the baseline never asks.</remarks>
    public TimeSpan AsksAgainWithin => name == "ours" ? TimeSpan.FromSeconds(33) : TimeSpan.Zero;

    /// <inheritdoc />
    /// <remarks>Several at a time, each for a phone of its own: a phone gets five prompts in ten minutes.</remarks>
    public async Task<IReadOnlyList<Payment>> PlaceAsync(int count, CancellationToken cancel)
    {
        Payment[] placed = new Payment[count];
        int taken = -1;
        int done = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(Tills, count)).Select(TillAsync));
        return placed;

        async Task TillAsync(int till)
        {
            using Line line = new(nodes[till % nodes.Count]);
            for (int i; (i = Interlocked.Increment(ref taken)) < count;)
            {
                placed[i] = await PlaceAsync(line, cancel);
                progress.Show("orders", Interlocked.Increment(ref done), count);
            }
        }
    }

    /// <summary>The same shop at some of its nodes only; callbacks come to them directly.</summary>
    public Shop Of(IEnumerable<int> numbers) =>
        new(name, pathBase, [.. numbers.Select(number => nodes[number])], apiKey, loop, provider, clock, progress) { CallbacksComeDirectly = true };

    public byte[] WaitRequest(Payment payment) => Get(payment, $"/wait?timeout={Hold}");

    public byte[] ReadRequest(Payment payment) => Get(payment, "");

    public byte[] Callback(Payment payment, Destination to)
    {
        PayHeroPush push = payment.Prompt!.Push;
        PaymentOutcome outcome = payment.Outcome ?? PaymentOutcome.Success(clock.GetUtcNow());

        // The money moves only now: a server that asked for the status before was told QUEUED.
        if (!payment.Prompt.TryEnd(outcome))
            throw new InvalidOperationException("A payment was released twice.");
        byte[] body = PayHeroWire.ShapeA(push, outcome);
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST {push.CallbackUrl!.PathAndQuery} HTTP/1.1\r\nHost: {to.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. head, .. body];
    }

    private byte[] Get(Payment payment, string what) => Encoding.ASCII.GetBytes(
        $"GET {pathBase}/orders/{payment.Id}{what} HTTP/1.1\r\nHost: {this.NodeOf(payment).Authority}\r\n\r\n");

    private async Task<Payment> PlaceAsync(Line line, CancellationToken cancel)
    {
        string phone = NextPhone();
        byte[] body = Encoding.UTF8.GetBytes(
            $$"""
            {"event":{"name":"Load test"},"customer":{"email":"load@example.com","firstName":"Load","phone":"{{phone}}"},"items":[{"name":"Regular","quantity":1,"unitPrice":300}],"currency":"KES","expiresIn":86400}
            """);
        string key = apiKey is null ? "" : $"X-Api-Key: {apiKey}\r\n";
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST {pathBase}/orders HTTP/1.1\r\nHost: {nodes[0].Authority}\r\n{key}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        Reply reply;
        try
        {
            reply = await line.AskAsync((byte[])[.. head, .. body], cancel);
        }
        catch (IOException broken)
        {
            throw new RunImpossibleException($"POST {pathBase}/orders broke off: {broken.Message}", broken);
        }

        string id = (reply.Status, reply.Text("orderId")) switch
        {
            (201, { } orderId) => orderId,
            (401 or 403, _) => throw new RunImpossibleException("POST /orders wants another --api-key."),
            (429, _) => throw new RunImpossibleException("POST /orders is limited (429); give --api-key, callers with it are exempt."),
            _ => throw new RunImpossibleException($"POST /orders answered {reply.Status}: {Encoding.UTF8.GetString(reply.Body)}"),
        };
        Prompt prompt = provider.NewestOf(phone) ?? throw new RunImpossibleException(
            $"An order never reached the pretend provider; the server must run with PayHero__BaseUrl={provider.PayHeroUrl}.");
        if (CallbackServers.Count == 0)
            CallbackServers = await FindCallbackServersAsync(prompt.Push, cancel);
        return new Payment { Id = id, Number = Interlocked.Increment(ref _number), Prompt = prompt };
    }

    // With one node callbacks go where its pushes say, through whatever stands in front of it; with several, to each in turn.
    private async Task<IReadOnlyList<Destination>> FindCallbackServersAsync(PayHeroPush push, CancellationToken cancel)
    {
        Uri url = push.CallbackUrl
            ?? throw new RunImpossibleException("The server's pushes name no callback_url; set PayHero__CallbackUrl or PublicUrl.");
        return CallbacksComeDirectly ? nodes : [await Destination.ResolveAsync(url, loop, cancel)];
    }

    private string NextPhone() =>
        string.Create(null, stackalloc char[16], $"2547{(uint)Interlocked.Increment(ref _phone) % 100_000_000:D8}");
}
