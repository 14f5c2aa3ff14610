namespace LongPoll.Server.Storage;

/// <summary>What both databases do to forget a person.</summary>
internal static class ErasureSql
{
    private const int TailLength = 9;

    public const string Customers = "update customers set email = '', first_name = '', last_name = '', country = '', phone = '', erased_at = @Now";

    public static string[] Tails(IEnumerable<string> phones) =>
        [.. phones.Where(static p => p.Length >= TailLength).Select(static p => p[^TailLength..]).Distinct(StringComparer.Ordinal)];
}
