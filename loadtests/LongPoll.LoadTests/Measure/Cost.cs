namespace LongPoll.LoadTests.Measure;

/// <summary>What a number of payments cost between two readings.</summary>
/// <param name="Payments">How many there were.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="Processes">Processor time by role.</param>
/// <param name="RunnerPausedMs">How long the runner stood still for its own garbage; part of every latency.</param>
/// <param name="Statements">Database statements, the most frequent first; empty when they were not counted.</param>
/// <param name="WalBytesPerPayment">Write-ahead log, for each payment; null when it was not measured.</param>
/// <param name="RedisCommandsPerPayment">Commands that Redis processed, for each payment; null when they were not counted.</param>
/// <param name="QuestionsPerPayment">How often the provider was asked how a payment stands; null where there is no provider.</param>
internal sealed record Cost(
    int Payments,
    double Seconds,
    IReadOnlyList<ProcessCost> Processes,
    double RunnerPausedMs,
    IReadOnlyList<StatementCost> Statements,
    double? WalBytesPerPayment,
    double? RedisCommandsPerPayment,
    double? QuestionsPerPayment)
{
    public static Cost Between(Reading before, Reading after, int payments, TimeProvider clock) => new(
        payments,
        Math.Round(clock.GetElapsedTime(before.At, after.At).TotalSeconds, 3),
        [.. after.Cpu.Select(role => ProcessCost.Of(role.Key, role.Value - before.Cpu[role.Key], payments))],
        Math.Round((after.RunnerPaused - before.RunnerPaused).TotalMilliseconds, 2),
        StatementsBetween(before.Database, after.Database, payments),
        after.Database is null ? null : Math.Round((double)(after.Database.WalBytes - before.Database!.WalBytes) / payments),
        // The reading itself is a command.
        after.RedisCommands is null ? null : Math.Round((double)(after.RedisCommands.Value - before.RedisCommands!.Value - 1) / payments, 3),
        after.Questions is null ? null : Math.Round((double)(after.Questions.Value - before.Questions!.Value) / payments, 4));

    /// <summary>CPU seconds for a thousand payments of one role; null when it was not watched.</summary>
    public double? CpuPerThousand(string role) => Processes.FirstOrDefault(process => process.Role == role)?.PerThousandPayments;

    /// <summary>Statements of one kind for each payment; null when none were counted.</summary>
    public double? StatementsPerPayment(string kind) => Statements.Count == 0
        ? null
        : Math.Round(Statements.Where(statement => statement.Kind == kind).Sum(statement => (double)statement.Calls) / Payments, 4);

    private static List<StatementCost> StatementsBetween(DatabaseReading? before, DatabaseReading? after, int payments)
    {
        if (after is null)
            return [];
        List<StatementCost> costs = [];
        foreach ((long id, StatementCount now) in after.Statements)
        {
            StatementCount then = before!.Statements.GetValueOrDefault(id) ?? new StatementCount(now.Text, 0, 0, 0);
            long calls = now.Calls - then.Calls;
            if (calls > 0)
            {
                costs.Add(new StatementCost(
                    id, StatementKind.Of(now.Text), now.Text.Length > 200 ? now.Text[..200] + "…" : now.Text, calls, Math.Round((double)calls / payments, 4),
                    Math.Round((double)(now.Rows - then.Rows) / calls, 2), Math.Round((now.Milliseconds - then.Milliseconds) / calls, 4)));
            }
        }

        return [.. costs.OrderByDescending(cost => cost.Calls)];
    }
}

/// <summary>Processor time of one role.</summary>
internal sealed record ProcessCost(string Role, double CpuSeconds, double PerThousandPayments)
{
    public static ProcessCost Of(string role, TimeSpan cpu, int payments) =>
        new(role, Math.Round(cpu.TotalSeconds, 3), Math.Round(1000 * cpu.TotalSeconds / payments, 4));
}

/// <summary>One database statement.</summary>
/// <param name="Id">PostgreSQL's number for it; good for one server of the database only.</param>
/// <param name="Kind">What it is for; see <see cref="StatementKind"/>.</param>
/// <param name="Text">How it begins.</param>
/// <param name="Calls">How often it was executed.</param>
/// <param name="PerPayment">The same for each payment; below 1 when batches are shared.</param>
/// <param name="RowsPerCall">Rows that it returned or touched.</param>
/// <param name="MeanMs">How long PostgreSQL worked on one, without the commit.</param>
internal sealed record StatementCost(long Id, string Kind, string Text, long Calls, double PerPayment, double RowsPerCall, double MeanMs);
