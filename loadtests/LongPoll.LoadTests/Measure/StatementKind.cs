namespace LongPoll.LoadTests.Measure;

/// <summary>What a statement is for, told by the tables that it names: they are part of the contract.</summary>
internal static class StatementKind
{
    public const string WaitAndSettle = "wait and settle";
    public const string Create = "create";
    public const string Fulfil = "fulfil";
    public const string Jobs = "jobs";

    /// <summary>What a pool sends to clean a connection, and transactions that stand alone.</summary>
    public const string Session = "keep sessions";

    public static string Of(string text)
    {
        string sql = text.ToLowerInvariant();
        bool Has(string words) => sql.Contains(words, StringComparison.Ordinal);
        if (!Has("select ") && !Has("insert ") && !Has("update ") && !Has("delete ") || Has("pg_advisory_unlock_all"))
            return Session;
        if (Has("insert into payments"))
            return WaitAndSettle;
        if (Has("insert into orders") || Has("insert into payment_attempts") || Has("insert into customers") || Has("idempotency_keys"))
            return Create;
        if (Has("job_runs") || Has("ask_at") || Has("asking_until") || Has("from callbacks"))
            return Jobs;
        if (Has("outbox") || Has("tickets") || Has("mails"))
            return Fulfil;
        return WaitAndSettle;
    }
}
