namespace LongPoll.LoadTests.Measure;

/// <summary>
/// Tells apart what one and the same statement was executed for. A report of the provider takes the same way whether a
/// push, a callback or an answer brings it, so its statements look the same: what an order's creation and a question to
/// the provider take is measured alone beforehand, and taken off.
/// </summary>
internal sealed class StatementSplit(Cost create, Cost? ask)
{
    public const string Ask = "ask afterwards";

    private readonly Dictionary<long, double> _create = create.Statements.ToDictionary(statement => statement.Id, statement => statement.PerPayment);
    private readonly Dictionary<long, double> _ask = ask?.Statements.ToDictionary(statement => statement.Id, statement => statement.PerPayment) ?? [];

    /// <summary>Statements for each payment, by what they were for. The sum is what was counted.</summary>
    public Dictionary<string, double> Of(Cost day)
    {
        Dictionary<string, double> kinds = [];
        foreach (StatementCost statement in day.Statements)
        {
            double rest = statement.PerPayment;
            Take(StatementKind.Create, _create.GetValueOrDefault(statement.Id), ref rest);
            Take(Ask, _ask.GetValueOrDefault(statement.Id) * (day.QuestionsPerPayment ?? 0), ref rest);
            kinds[statement.Kind] = kinds.GetValueOrDefault(statement.Kind) + rest;
        }

        return kinds;

        void Take(string kind, double share, ref double rest)
        {
            double taken = Math.Min(share, rest);
            kinds[kind] = kinds.GetValueOrDefault(kind) + taken;
            rest -= taken;
        }
    }
}
