using LongPoll.Server.Http;

namespace LongPoll.Server.Providers.PhonePe;

/// <summary>Callback bodies with made-up values, for the description of the API. Any other field may stand in them.</summary>
internal static class PhonePeSamples
{
    public static ReadsBody Body { get; } = new("What PhonePe sends: v1's callback with its answer in base64, or v2's webhook.", ByVersion);

    private static IReadOnlyDictionary<string, string> ByVersion => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["v1"] = """{ "response": "eyJzdWNjZXNzIjp0cnVlfQ==" }""",
        ["v2"] = """
            {
              "event": "checkout.order.completed",
              "payload": {
                "merchantId": "M1", "merchantOrderId": "7K3M9QXT-P1", "orderId": "OMO1", "state": "COMPLETED", "amount": 30000,
                "paymentDetails": [ { "transactionId": "OM1", "paymentMode": "UPI_QR", "amount": 30000, "state": "COMPLETED" } ]
              }
            }
            """,
    };
}
