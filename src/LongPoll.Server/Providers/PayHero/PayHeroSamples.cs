using LongPoll.Server.Http;

namespace LongPoll.Server.Providers.PayHero;

/// <summary>Callback bodies with made-up values, for the description of the API. Any other field may stand in them.</summary>
internal static class PayHeroSamples
{
    public static ReadsBody Body { get; } = new("What PayHero sends, in either of its forms, or what Safaricom sends.", ByForm);

    private static IReadOnlyDictionary<string, string> ByForm => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["envelope"] = """
            {
              "status": true,
              "response": {
                "CheckoutRequestID": "ws_CO_1", "MerchantRequestID": "m-1", "ExternalReference": "7K3M9QXT-P1",
                "ResultCode": 0, "ResultDesc": "Processed", "Status": "Success", "Amount": 300, "MpesaReceiptNumber": "UKL1A2B3C4", "Phone": "0700000000"
              }
            }
            """,
        ["flat"] = """
            {
              "success": false, "status": "failed", "message": "Request Cancelled by user.", "reference": "R-1", "external_reference": "7K3M9QXT-P1",
              "amount": 300, "currency": "KES", "transaction_type": "inbound_payment", "provider_reference": "", "provider": "mpesa_dc"
            }
            """,
        ["safaricom"] = """
            {
              "Body": {
                "stkCallback": { "MerchantRequestID": "m-1", "CheckoutRequestID": "ws_CO_1", "ResultCode": 1032, "ResultDesc": "Request cancelled by user" }
              }
            }
            """,
    };
}
