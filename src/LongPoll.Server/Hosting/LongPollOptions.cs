namespace LongPoll.Server.Hosting;

/// <summary>Section <c>LongPoll</c>.</summary>
internal sealed class LongPollOptions
{
    /// <summary>How long a wait is held when the request does not say; the documents' 60 s.</summary>
    public TimeSpan Hold { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an announced view stays in the cache; the documents' 60 s. Whole seconds.</summary>
    public TimeSpan CacheTtl { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Parked requests on this node. At about 10 KiB each the default is half a GiB; past it new ones get 503 and go to another node.</summary>
    public int MaxWaiters { get; set; } = 50_000;

    /// <summary>Parked requests of one order on this node: a buyer has a handful of tabs, not hundreds.</summary>
    public int MaxWaitersPerOrder { get; set; } = 100;

    /// <summary>Asks for the access token at every read of an order.</summary>
    public bool RequireAccessToken { get; set; }

    /// <summary>Over how long parked requests are let go when the node stops, so that they do not all come back at once.</summary>
    public TimeSpan DrainTime { get; set; } = TimeSpan.FromSeconds(10);
}
