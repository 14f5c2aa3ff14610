namespace LongPoll.Sandbox.PayHero;

/// <summary>A push as PayHero accepted it: what was asked for, and the ids that were given to it.</summary>
public sealed record PayHeroPush
{
    /// <summary>PayHero's reference, the only one that the status query knows.</summary>
    public required string Reference { get; init; }

    /// <summary>Safaricom's <c>ws_CO_…</c> id.</summary>
    public required string CheckoutRequestId { get; init; }

    /// <summary>Safaricom's other id; echoed in callbacks of shape A and Daraja.</summary>
    public required string MerchantRequestId { get; init; }

    /// <summary>The caller's own reference; empty when the push had none.</summary>
    public required string ExternalReference { get; init; }

    /// <summary>Whole Kenyan shillings.</summary>
    public required long Amount { get; init; }

    /// <summary>The phone exactly as the push wrote it: PayHero's callbacks repeat it so.</summary>
    public required string Phone { get; init; }

    /// <summary>The PayHero payment channel.</summary>
    public required long ChannelId { get; init; }

    /// <summary>The buyer's name, when the push had one.</summary>
    public string? CustomerName { get; init; }

    /// <summary>Where the result goes; null when the push named no address.</summary>
    public Uri? CallbackUrl { get; init; }

    /// <summary>When the push was accepted.</summary>
    public required DateTimeOffset PushedAt { get; init; }
}
