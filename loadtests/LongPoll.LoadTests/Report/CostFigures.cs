using LongPoll.LoadTests.Measure;

namespace LongPoll.LoadTests.Report;

internal static class CostFigures
{
    /// <summary>Adds what a payment cost, as far as it was measured.</summary>
    public static void AddCosts(this Dictionary<string, Figure> figures, Cost cost)
    {
        foreach (ProcessCost process in cost.Processes)
            figures[$"CPU {process.Role}"] = new Figure(process.PerThousandPayments, "s per 1,000 payments");
        foreach (string kind in cost.Statements.Select(statement => statement.Kind).Distinct(StringComparer.Ordinal))
            figures[$"statements to {kind}"] = new Figure(cost.StatementsPerPayment(kind)!.Value, "per payment");
        if (cost.WalBytesPerPayment is { } wal)
            figures["write-ahead log"] = new Figure(wal, "bytes per payment");
        if (cost.RedisCommandsPerPayment is { } commands)
            figures["Redis commands"] = new Figure(commands, "per payment");
        if (cost.QuestionsPerPayment is { } questions)
            figures["questions to the provider"] = new Figure(questions, "per payment");
    }
}
