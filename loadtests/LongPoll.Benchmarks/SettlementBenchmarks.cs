using BenchmarkDotNet.Attributes;
using LongPoll.Server.Payments;

namespace LongPoll.Benchmarks;

/// <summary>What a payment may become: the table, and the whole decision about a callback.</summary>
public class SettlementBenchmarks
{
    // Six statuses, seven states, current or not, fifteen reports.
    private const int Cells = 6 * 7 * 2 * 15;

    private readonly (PaymentStatus Order, AttemptState Attempt, bool IsCurrent, Reported Reported)[] _cells =
    [
        .. from order in Enum.GetValues<PaymentStatus>()
           from attempt in Enum.GetValues<AttemptState>()
           from isCurrent in (bool[])[true, false]
           from reported in Enum.GetValues<Reported>()
           select (order, attempt, isCurrent, reported)
    ];

    private readonly SettlementFacts _facts = new(Sample.Order, Sample.Attempt, CluesDisagree: false, [Sample.Attempt], TransactionTakenBy: null);

    /// <summary>The table must be as large as the figure is divided by.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        if (_cells.Length != Cells)
            throw new InvalidOperationException($"The table has {_cells.Length} cells, and not {Cells}.");
    }

    /// <summary>Every cell of the table once; per cell.</summary>
    [Benchmark(OperationsPerInvoke = Cells)]
    public int Transition()
    {
        int effects = 0;
        foreach ((PaymentStatus order, AttemptState attempt, bool isCurrent, Reported reported) in _cells)
            effects += (int)Transitions.Next(order, attempt, isCurrent, reported).Effects;
        return effects;
    }

    /// <summary>Ladder, table, and every row that a believed payment writes.</summary>
    [Benchmark]
    public object? Decide() => Settlement.Decide(Sample.Paid, _facts, Sample.Noon).After;
}
