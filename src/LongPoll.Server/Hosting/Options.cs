namespace LongPoll.Server.Hosting;

/// <summary>Section <c>Security</c>.</summary>
internal sealed class SecurityOptions
{
    /// <summary>Signs access tokens. At least 32 characters.</summary>
    public string? Key { get; set; }
}

/// <summary>Section <c>Admin</c>.</summary>
internal sealed class AdminOptions
{
    /// <summary>What administrators send as <c>X-Admin-Key</c>. At least 32 characters.</summary>
    public string? Key { get; set; }
}

/// <summary>Section <c>Jobs</c>.</summary>
internal sealed class JobsOptions
{
    /// <summary>What whoever starts jobs sends as <c>x-cron-secret</c>; also <c>CRON_SECRET</c>.</summary>
    public string? CronSecret { get; set; }
}

/// <summary>Section <c>Orders</c>: who may create orders.</summary>
internal sealed class OrdersOptions
{
    /// <summary>What the shop's server sends as <c>X-Api-Key</c>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Lets browsers create orders, and so name prices.</summary>
    public bool TrustBrowserPrices { get; set; }
}
