using System.Text;
using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.PayHero;
using LongPoll.Sandbox.PhonePe;
using LongPoll.Sandbox.Stripe;
using Microsoft.Extensions.Options;

namespace LongPoll.Sandbox.Pages;

/// <summary>A message about a page, with its proof.</summary>
internal sealed record PageLetter(CallbackKind Kind, byte[] Body, string Header, string Proof, string? Receipt, bool SaysFailure)
{
    public bool IsForged => Kind is not (CallbackKind.True or CallbackKind.Stale);
}

/// <summary>Writes what Stripe or PhonePe send about a page, true or not.</summary>
internal sealed class PageLetters(IOptions<SandboxOptions> options, TimeProvider clock)
{
    private const string StripeHeader = "Stripe-Signature";
    private const string VerifyHeader = "X-VERIFY";

    private SandboxOptions Options => options.Value;

    /// <summary>The news of where the page stands; null where the provider says nothing.</summary>
    public PageLetter? News(PayPage page, CallbackShape shape, PageState before)
    {
        bool failure = page.State is PageState.Failed or PageState.Cancelled or PageState.Expired;
        if (page.Provider == PayPage.PhonePe)
            return page.State == PageState.Delayed ? null : OfPhonePe(CallbackKind.True, page, shape, failure);
        string? type = page.State switch
        {
            PageState.Paid => before == PageState.Delayed ? StripeWire.Succeeded : StripeWire.Completed,
            PageState.Delayed => StripeWire.Completed,
            PageState.Failed => StripeWire.AsyncFailed,
            PageState.Expired => StripeWire.Expired,

            // Whoever leaves Stripe's page leaves the session open.
            _ => null,
        };
        return type is null ? null : OfStripe(CallbackKind.True, StripeWire.Event(type, page), page.TransactionId, failure);
    }

    /// <summary>What was true before the last news, after it.</summary>
    public PageLetter? Stale(PayPage page, StaleReport stale, CallbackShape shape)
    {
        if (stale == StaleReport.None)
            return null;
        bool failure = stale == StaleReport.Failure && page.State == PageState.Paid;
        PayPage old = Copy(page, failure ? PageState.Expired : PageState.Delayed);
        return page.Provider == PayPage.PhonePe
            ? OfPhonePe(CallbackKind.Stale, old, shape, failure)
            : OfStripe(CallbackKind.Stale, StripeWire.Event(failure ? StripeWire.Expired : StripeWire.Completed, old), null, failure);
    }

    /// <summary>What somebody else claims: money that nobody paid, with a proof that is wrong for it.</summary>
    public PageLetter? Forged(PayPage page, Forgery forgery)
    {
        CallbackKind kind = forgery switch
        {
            Forgery.WrongSecret => CallbackKind.ForgedWrongSecret,
            Forgery.OtherSecret => CallbackKind.ForgedOtherSecret,
            _ => CallbackKind.ForgedAmount,
        };
        if (forgery == Forgery.None)
            return null;
        PayPage claimed = Copy(page, PageState.Paid);
        if (page.Provider == PayPage.PhonePe)
        {
            byte[] status = PhonePeWire.Status(claimed);
            string proof = forgery == Forgery.WrongSecret
                ? PhonePeWire.Verify(status, "a-guessed-salt", Options.PhonePeSaltIndex)
                : PhonePeWire.Verify(PhonePeWire.Status(page, "PAYMENT_PENDING"), Options.PhonePeSaltKey, Options.PhonePeSaltIndex);
            return new PageLetter(kind, PhonePeWire.Callback(status), VerifyHeader, proof, claimed.TransactionId, SaysFailure: false);
        }

        byte[] body = StripeWire.Event(StripeWire.Completed, claimed);
        string signature = forgery == Forgery.WrongSecret
            ? StripeWire.Sign(body, "whsec_guessed", clock.GetUtcNow())
            : StripeWire.Sign(Encoding.UTF8.GetBytes("{}"), Options.StripeWebhookSecret, clock.GetUtcNow());
        return new PageLetter(kind, body, StripeHeader, signature, claimed.TransactionId, SaysFailure: false);
    }

    private PageLetter OfStripe(CallbackKind kind, byte[] body, string? receipt, bool failure) =>
        new(kind, body, StripeHeader, StripeWire.Sign(body, Options.StripeWebhookSecret, clock.GetUtcNow()), receipt, failure);

    // PayHero's shape A stands for v1, the two others for v2.
    private PageLetter OfPhonePe(CallbackKind kind, PayPage page, CallbackShape shape, bool failure)
    {
        if (shape != CallbackShape.A)
        {
            return new PageLetter(
                kind, PhonePeWire.Webhook(page), "Authorization", PhonePeWire.Authorization(Options.PhonePeWebhookUser, Options.PhonePeWebhookPassword), page.TransactionId, failure);
        }

        byte[] status = PhonePeWire.Status(page);
        return new PageLetter(kind, PhonePeWire.Callback(status), VerifyHeader, PhonePeWire.Verify(status, Options.PhonePeSaltKey, Options.PhonePeSaltIndex), page.TransactionId, failure);
    }

    // As it would stand; what is claimed has an id that tells it from all true ones.
    private static PayPage Copy(PayPage page, PageState state)
    {
        PayPage copy = new()
        {
            Provider = page.Provider,
            Id = page.Id,
            Reference = page.Reference,
            Amount = page.Amount,
            Currency = page.Currency,
            Metadata = page.Metadata,
            MerchantId = page.MerchantId,
            OpenedAt = page.OpenedAt,
        };
        copy.TryMove(PageState.Open, state, page.OpenedAt, PaymentOutcome.Forged(page.OpenedAt).Receipt);
        return copy;
    }
}
