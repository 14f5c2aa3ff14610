using LongPoll.Server.Jobs;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Links;

/// <summary>
/// Looks for links that are open although their time, or the time of the payment on them, was over a while ago: then the job that
/// closes links does not run, or a provider does not answer. It tells, and changes nothing.
/// </summary>
internal sealed partial class StuckPayments(ILinkStore store, TimeProvider clock, ILogger<StuckPayments> logger) : IJob
{
    /// <summary>Past two runs of the job that closes links, and past the longest life of a prompt.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private const int MostFound = 1000;
    private const int MostNamed = 20;

    public string Name => "stuck-payments";

    public async Task RunAsync(CancellationToken cancel)
    {
        var stuck = await store.FindStuckLinksAsync(clock.GetUtcTimestamp() - Patience, MostFound, cancel);
        if (stuck.Count > 0)
        {
            LogFound(logger, stuck.Count, string.Join(", ", stuck.Take(MostNamed)));
        }
    }

    [LoggerMessage(1312, LogLevel.Warning, "Found stuck payment links (count: {count}): {LinkIds}")]
    private static partial void LogFound(ILogger logger, int count, string linkIds);
}
