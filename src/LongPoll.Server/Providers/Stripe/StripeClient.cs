using System.Globalization;
using LongPoll.Server.Hosting;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Providers.Stripe;

/// <summary>Stripe's calls on the wire: Checkout Sessions made, read and closed (docs.stripe.com/api/checkout/sessions).</summary>
internal sealed class StripeClient(IHttpClientFactory clients, SelfAddress self)
{
    public const string ClientName = "stripe";

    /// <summary>
    /// Makes the session of an attempt. Everything in it follows from the attempt, and so does its idempotency key: sent again,
    /// it is answered with the session that was made the first time.
    /// </summary>
    public async Task<CallAnswer> OpenAsync(Attempt attempt, CancellationToken cancel)
    {
        var page = $"{self.Public}/payment/{attempt.OrderId:D}";
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["mode"] = "payment",
            ["client_reference_id"] = attempt.Reference,
            ["line_items[0][quantity]"] = "1",
            ["line_items[0][price_data][currency]"] = attempt.Amount.Currency.ToLowerInvariant(),
            ["line_items[0][price_data][unit_amount]"] = StripeAmounts.Of(attempt.Amount).ToString(CultureInfo.InvariantCulture),
            ["line_items[0][price_data][product_data][name]"] = "Order " + attempt.Reference.Split('-')[0],
            ["success_url"] = page,
            ["cancel_url"] = page,
        };
        foreach (var (key, value) in ((string, string)[])[(StripeObjects.OrderKey, attempt.OrderId.ToString("D")), (StripeObjects.AttemptKey, attempt.AttemptId.ToString("D"))])
        {
            // On the intent too, whose charge takes it over: a refund names no session.
            fields[$"metadata[{key}]"] = value;
            fields[$"payment_intent_data[metadata][{key}]"] = value;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, Address("")) { Content = new FormUrlEncodedContent(fields) };
        request.Headers.Add("Idempotency-Key", $"longpoll-{attempt.AttemptId:D}");
        return await ProviderCall.SendAsync(clients.CreateClient(ClientName), request, cancel);
    }

    public async Task<CallAnswer> ReadAsync(string session, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address($"/{Uri.EscapeDataString(session)}?expand[]=payment_intent"));
        return await ProviderCall.SendAsync(clients.CreateClient(ClientName), request, cancel);
    }

    /// <summary>Closes a session; refused unless it is open.</summary>
    public async Task<CallAnswer> CloseAsync(string session, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address($"/{Uri.EscapeDataString(session)}/expire"));
        return await ProviderCall.SendAsync(clients.CreateClient(ClientName), request, cancel);
    }

    private static Uri Address(string path) => new("v1/checkout/sessions" + path, UriKind.Relative);
}
