using LongPoll.Server.Http;

namespace LongPoll.Server.Providers.Stripe;

/// <summary>Events with made-up values, for the description of the API. Any other field may stand in them.</summary>
internal static class StripeSamples
{
    public static ReadsBody Body { get; } = new("An event of Stripe's. Those about Checkout Sessions, refunds and disputes are read, others are kept.", ByKind);

    private static IReadOnlyDictionary<string, string> ByKind => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["paid"] = """
            {
              "id": "evt_1", "type": "checkout.session.completed",
              "data": {
                "object": {
                  "id": "cs_test_1", "object": "checkout.session", "client_reference_id": "7K3M9QXT-P1", "amount_total": 30000, "currency": "kes",
                  "mode": "payment", "payment_intent": "pi_1", "payment_status": "paid", "status": "complete"
                }
              }
            }
            """,
        ["refunded"] = """
            {
              "id": "evt_2", "type": "charge.refunded",
              "data": { "object": { "id": "ch_1", "object": "charge", "payment_intent": "pi_1", "amount": 30000, "amount_refunded": 30000, "currency": "kes" } }
            }
            """,
    };
}
