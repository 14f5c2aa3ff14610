namespace LongPoll.Sandbox.PayHero;

/// <summary>East Africa Time, in which Safaricom writes dates into ids and bodies: UTC+3 the whole year.</summary>
internal static class NairobiTime
{
    private static readonly TimeSpan Offset = TimeSpan.FromHours(3);

    public static DateTimeOffset From(DateTimeOffset instant) => instant.ToOffset(Offset);
}
