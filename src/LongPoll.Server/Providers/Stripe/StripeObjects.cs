using System.Text.Json;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Providers.Stripe;

/// <summary>Reads Stripe's objects: the Checkout Session, whether an event or an answer brought it, and what goes back later.</summary>
internal static class StripeObjects
{
    public const string AttemptKey = "attempt_id";
    public const string OrderKey = "order_id";

    /// <summary>
    /// What an event says; null when it is about no payment of an order.
    /// </summary>
    public static PaymentReport? ReadEvent(JsonElement body)
    {
        if (body.Text("type") is not { } type || body.Object("data")?.Object("object") is not { } about)
        {
            return null;
        }

        return type switch
        {
            "checkout.session.completed" or "checkout.session.async_payment_succeeded" or "checkout.session.async_payment_failed" or "checkout.session.expired"
                when about.Text("mode") is null or "payment" => ReadSession(about, ReportSource.Callback, type),
            "charge.refunded" => ReadRefund(about, type),
            "charge.dispute.closed" when about.Text("status") == "lost" => ReadDispute(about, type, ReportedOutcome.Refunded),
            "charge.dispute.created" or "charge.dispute.funds_withdrawn" => ReadDispute(about, type, ReportedOutcome.Disputed),
            _ => null,
        };
    }

    /// <summary>A session as it stands; <paramref name="type"/> is the event that brought it, or null for an answer.</summary>
    public static PaymentReport ReadSession(JsonElement session, ReportSource source, string? type)
    {
        var (outcome, reason) = Outcome(session, type);
        var currency = session.Text("currency");
        return new PaymentReport
        {
            Provider = StripeProvider.ProviderName,
            Source = source,
            Outcome = outcome,
            Reason = reason,
            Code = type ?? session.Text("payment_status"),
            Clues = new AttemptClues { Reference = session.Text("client_reference_id"), ProviderReference = session.Id("id") },

            // A session without an intent (nothing left to pay) is its own proof.
            TransactionId = outcome == ReportedOutcome.Paid ? Intent(session) ?? session.Id("id") : null,
            Amount = currency is not null && session.Whole("amount_total") is { } amount ? StripeAmounts.ToMajor(amount, currency) : null,
            Currency = currency,
        };
    }

    private static (ReportedOutcome Outcome, string? Reason) Outcome(JsonElement session, string? type)
    {
        var (status, paid) = (session.Text("status"), session.Text("payment_status"));
        if (paid == "paid" || (paid == "no_payment_required" && status != "open") || type == "checkout.session.async_payment_succeeded")
        {
            return (ReportedOutcome.Paid, null);
        }

        if (type == "checkout.session.expired" || status == "expired")
        {
            return (ReportedOutcome.Expired, Reasons.OrderExpired);
        }

        // Complete and unpaid: a method that takes days has begun. Asked about, the intent says whether it failed since.
        var failed = type == "checkout.session.async_payment_failed"
            || (type is null && status == "complete" && session.Object("payment_intent")?.Text("status") is "requires_payment_method" or "canceled");
        return failed ? (ReportedOutcome.Failed, Reasons.ProviderError) : (ReportedOutcome.Pending, null);
    }

    // Each refund of a charge brings all that went back so far, so that a lost event is made good by the next one.
    private static PaymentReport? ReadRefund(JsonElement charge, string type)
    {
        if (charge.Text("currency") is not { } currency || charge.Whole("amount_refunded") is not (> 0 and var refunded) || charge.Id("id") is not { } id)
        {
            return null;
        }

        return Later(charge, type, ReportedOutcome.Refunded, currency) with
        {
            Refund = new RefundClaim($"{id}:{refunded}", StripeAmounts.ToMajor(refunded, currency), InAll: true),
        };
    }

    private static PaymentReport? ReadDispute(JsonElement dispute, string type, ReportedOutcome outcome)
    {
        if (dispute.Text("currency") is not { } currency || dispute.Whole("amount") is not (> 0 and var amount) || dispute.Id("id") is not { } id)
        {
            return null;
        }

        return Later(dispute, type, outcome, currency) with
        {
            Refund = new RefundClaim(id, StripeAmounts.ToMajor(amount, currency), InAll: false),
        };
    }

    private static PaymentReport Later(JsonElement about, string type, ReportedOutcome outcome, string currency) => new()
    {
        Provider = StripeProvider.ProviderName,
        Source = ReportSource.Callback,
        Outcome = outcome,
        Code = type,
        Clues = new AttemptClues { AttemptId = Guid.TryParse(about.Object("metadata")?.Text(AttemptKey), out var attempt) ? attempt : null },
        TransactionId = Intent(about) ?? about.Id("charge") ?? about.Id("id"),
        Currency = currency,
    };

    /// <summary>The payment intent: an id, or the whole object where it was asked for.</summary>
    private static string? Intent(JsonElement about) => about.Id("payment_intent") ?? about.Object("payment_intent")?.Id("id");
}
