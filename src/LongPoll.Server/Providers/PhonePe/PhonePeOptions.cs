namespace LongPoll.Server.Providers.PhonePe;

/// <summary>Section <c>PhonePe</c>. Keys of a PhonePe PG merchant account (developer.phonepe.com).</summary>
internal sealed class PhonePeOptions
{
    public const string Section = "PhonePe";

    public string? MerchantId { get; set; }

    /// <summary>One or several, comma between, each with its index in <see cref="SaltIndex"/>: the first signs, all are accepted.</summary>
    public string? SaltKey { get; set; }

    /// <summary>Which salt key it is, as the dashboard numbers them.</summary>
    public string SaltIndex { get; set; } = "1";

    /// <summary>Default is PhonePe's production (<c>https://api.phonepe.com/apis/hermes</c>); in Development the sandbox of this node.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>User name and password of the v2 webhook, as they were set in the dashboard; without them only v1 callbacks are taken.</summary>
    public string? WebhookUser { get; set; }

    public string? WebhookPassword { get; set; }

    /// <summary>The salt keys with their indices; empty unless there are as many of both.</summary>
    public IReadOnlyList<(string Key, string Index)> Salts
    {
        get
        {
            var (keys, indices) = (List(SaltKey), List(SaltIndex));
            return keys.Length == indices.Length ? [.. keys.Zip(indices)] : [];
        }
    }

    public bool TakesWebhooks => !string.IsNullOrEmpty(WebhookUser) && !string.IsNullOrEmpty(WebhookPassword);

    private static string[] List(string? text) => text?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
}
