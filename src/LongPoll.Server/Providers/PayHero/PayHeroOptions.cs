namespace LongPoll.Server.Providers.PayHero;

/// <summary>Section <c>PayHero</c>. Keys and limits of a PayHero account (docs.payhero.co.ke).</summary>
internal sealed class PayHeroOptions
{
    public const string Section = "PayHero";

    /// <summary>With or without <c>/api/v2</c>. Default is PayHero itself; in Development the sandbox of this node.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>The ready Basic token of the dashboard, with or without the word <c>Basic</c>.</summary>
    public string? BasicAuthToken { get; set; }

    /// <summary>The payment channel (till, paybill or wallet) that collects.</summary>
    public int? ChannelId { get; set; }

    /// <summary>Where PayHero is to call back; default is <c>{PublicUrl}/payhero/callback</c>. A token of its own is added for each attempt.</summary>
    public string? CallbackUrl { get; set; }

    /// <summary>One or several secrets, comma between: the first is used, all are accepted, so that it can be changed without a gap.</summary>
    public string? CallbackToken { get; set; }

    /// <summary>How long a prompt that cannot be asked about may still be paid.</summary>
    public TimeSpan PromptHorizon { get; set; } = TimeSpan.FromMinutes(10);

    public bool Configured => !string.IsNullOrEmpty(BasicAuthToken) && ChannelId is not null;

    public IReadOnlyList<string> CallbackTokens =>
        CallbackToken?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
