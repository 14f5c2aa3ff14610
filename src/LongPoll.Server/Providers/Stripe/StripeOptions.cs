namespace LongPoll.Server.Providers.Stripe;

/// <summary>Section <c>Stripe</c>. Keys of a Stripe account (dashboard.stripe.com, Developers).</summary>
internal sealed class StripeOptions
{
    public const string Section = "Stripe";

    /// <summary><c>sk_live_…</c>, or a restricted key that may write Checkout Sessions.</summary>
    public string? SecretKey { get; set; }

    /// <summary>
    /// <c>whsec_…</c> of the webhook endpoint <c>{PublicUrl}/stripe/webhook</c>; one or several, comma between, so that it can be rolled without a gap.
    /// </summary>
    public string? WebhookSecret { get; set; }

    /// <summary>Default is Stripe itself; in Development the sandbox of this node.</summary>
    public string? BaseUrl { get; set; }

    public IReadOnlyList<string> WebhookSecrets =>
        WebhookSecret?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
