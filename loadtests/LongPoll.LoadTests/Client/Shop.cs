using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using LongPoll.LoadTests.Provider;
using LongPoll.Sandbox.Phone;

namespace LongPoll.LoadTests.Client;

/// <summary>Places orders, several at a time, each for a phone of its own: a phone gets five prompts in ten minutes.</summary>
internal sealed class Shop(Destination target, string? apiKey, PretendProvider provider, Progress progress)
{
    private const int Tills = 16;

    private int _phone = Random.Shared.Next(100_000_000);

    public async Task<IReadOnlyList<Payment>> PlaceOrdersAsync(int count, CancellationToken cancel)
    {
        ConcurrentDictionary<string, string> orderByPhone = new();
        int taken = 0;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(Tills, count)).Select(_ => TillAsync()));
        return Match(orderByPhone);

        async Task TillAsync()
        {
            using HttpConnection till = await target.OpenAsync(cancel);
            while (Interlocked.Increment(ref taken) <= count)
            {
                string phone = NextPhone();
                orderByPhone[phone] = await PlaceAsync(till, phone, cancel);
                progress.Show("orders", orderByPhone.Count, count);
            }
        }
    }

    private async Task<string> PlaceAsync(HttpConnection till, string phone, CancellationToken cancel)
    {
        byte[] body = Encoding.UTF8.GetBytes(
            $$"""
            {"event":{"name":"Load test"},"customer":{"email":"load@example.com","firstName":"Load","phone":"{{phone}}"},"items":[{"name":"Regular","quantity":1,"unitPrice":300}],"currency":"KES","expiresIn":86400}
            """);
        string key = apiKey is null ? "" : $"X-Api-Key: {apiKey}\r\n";
        byte[] head = Encoding.ASCII.GetBytes(
            $"POST /orders HTTP/1.1\r\nHost: {target.Authority}\r\n{key}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        HttpAnswer answer;
        try
        {
            await till.SendAsync((byte[])[.. head, .. body], cancel);
            answer = await till.ReceiveAsync(cancel);
        }
        catch (Exception broken) when (broken is SocketException or IOException)
        {
            throw new RunImpossibleException($"POST /orders broke off: {broken.Message}", broken);
        }

        return (answer.Status, answer.Text("orderId"u8)) switch
        {
            (201, { } orderId) => orderId,
            (401 or 403, _) => throw new RunImpossibleException("POST /orders wants another --api-key."),
            (429, _) => throw new RunImpossibleException("POST /orders is limited (429); give --api-key, callers with it are exempt."),
            _ => throw new RunImpossibleException($"POST /orders answered {answer.Status}: {Encoding.UTF8.GetString(answer.Body.Span)}"),
        };
    }

    private List<Payment> Match(ConcurrentDictionary<string, string> orderByPhone)
    {
        IReadOnlyDictionary<string, Prompt> prompts = provider.PromptsByPhone();
        List<Payment> payments = [];
        foreach ((string phone, string orderId) in orderByPhone)
        {
            if (prompts.TryGetValue(phone, out Prompt? prompt))
                payments.Add(new Payment { OrderId = orderId, Phone = phone, Prompt = prompt });
        }

        if (payments.Count == orderByPhone.Count)
            return payments;
        throw new RunImpossibleException(
            $"{orderByPhone.Count - payments.Count} of {orderByPhone.Count} orders never reached the pretend provider; " +
            $"the server must run with PayHero__BaseUrl={provider.PayHeroUrl}.");
    }

    private string NextPhone() =>
        string.Create(null, stackalloc char[16], $"2547{(uint)Interlocked.Increment(ref _phone) % 100_000_000:D8}");
}
