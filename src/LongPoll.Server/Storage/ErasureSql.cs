namespace LongPoll.Server.Storage;

/// <summary>What both databases do to forget a person.</summary>
internal static class ErasureSql
{
    private const int TailLength = 9;

    public const string Customers = "update customers set email = '', first_name = '', last_name = '', country = '', phone = '', erased_at = @Now";

    public static string[] Traces(IEnumerable<(string Email, string Phone)> people) =>
    [
        .. people.SelectMany(static p => (string[])[p.Email, p.Phone.Length >= TailLength ? p.Phone[^TailLength..] : ""])
            .Where(static trace => trace.Length > 0)
            .Distinct(StringComparer.Ordinal),
    ];
}
