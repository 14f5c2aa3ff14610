namespace LongPoll.Server.Payments;

/// <summary>Time as this product writes it down.</summary>
internal static class Clock
{
    public static DateTime Later(DateTime a, DateTime b) => a > b ? a : b;

    public static DateTime Earlier(DateTime a, DateTime b) => a < b ? a : b;

    /// <summary>
    /// Now, in whole milliseconds: the databases round to different fractions, and a view must be the same bytes
    /// whether it was made from memory or from a row.
    /// </summary>
    public static DateTime GetUtcTimestamp(this TimeProvider clock)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return new DateTime(now.Ticks - (now.Ticks % TimeSpan.TicksPerMillisecond), DateTimeKind.Utc);
    }
}
