using System.Net.Http.Headers;
using LongPoll.Server.Hosting;
using Microsoft.Extensions.Options;

namespace LongPoll.Server.Providers.PhonePe;

/// <summary>PhonePe's v1 calls on the wire: the pay page, and the status of a payment or a refund.</summary>
internal sealed class PhonePeClient(IHttpClientFactory clients, PhonePeSecrets secrets, IOptions<PhonePeOptions> options, SelfAddress self)
{
    public const string PayClient = "phonepe-pay";
    public const string StatusClient = "phonepe-status";

    private const string PayPath = "/pg/v1/pay";
    private const string VerifyHeader = "X-VERIFY";

    /// <summary>Asks for a pay page, once: the same transaction id a second time is refused.</summary>
    public async Task<CallAnswer> PayAsync(Charge charge, CancellationToken cancel)
    {
        var attempt = charge.Attempt;
        var enclosed = PhonePeMessages.Enclose(json =>
        {
            json.WriteString("merchantId", options.Value.MerchantId);
            json.WriteString("merchantTransactionId", attempt.Reference);
            json.WriteString("merchantUserId", charge.OrderNumber);
            json.WriteNumber("amount", attempt.Amount.Minor);
            json.WriteString("redirectUrl", $"{self.Public}/payment/{attempt.OrderId:D}");
            json.WriteString("redirectMode", "REDIRECT");
            json.WriteString("callbackUrl", $"{self.Public}/phonepe/callback");
            json.WriteStartObject("paymentInstrument");
            json.WriteString("type", "PAY_PAGE");
            json.WriteEndObject();
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, Relative(PayPath)) { Content = new ByteArrayContent(PhonePeMessages.Request(enclosed)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation(VerifyHeader, secrets.Sign(enclosed + PayPath));
        return await ProviderCall.SendAsync(clients.CreateClient(PayClient), request, cancel);
    }

    /// <summary>What became of a payment, or of a refund, by the id that we gave it.</summary>
    public async Task<CallAnswer> StatusAsync(string merchantTransactionId, CancellationToken cancel)
    {
        var path = $"/pg/v1/status/{Uri.EscapeDataString(options.Value.MerchantId ?? "")}/{Uri.EscapeDataString(merchantTransactionId)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, Relative(path));
        request.Headers.TryAddWithoutValidation(VerifyHeader, secrets.Sign(path));
        request.Headers.TryAddWithoutValidation("X-MERCHANT-ID", options.Value.MerchantId);
        return await ProviderCall.SendAsync(clients.CreateClient(StatusClient), request, cancel);
    }

    // Signed is the path below the host's own prefix (/apis/hermes), sent is the whole.
    private static Uri Relative(string path) => new(path[1..], UriKind.Relative);
}
