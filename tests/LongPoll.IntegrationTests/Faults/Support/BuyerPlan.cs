namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>What a buyer does, and how the till tells it.</summary>
internal enum Deed
{
    /// <summary>Pays, and the callback comes once.</summary>
    Pays,

    /// <summary>Pays, and the callback comes twice at the same time, once to each node.</summary>
    PaysToldTwice,

    /// <summary>Pays, and the callback comes again long after the first.</summary>
    PaysToldAgainLate,

    /// <summary>Pays after an earlier refusal, which is told after the success.</summary>
    PaysToldOutOfOrder,

    /// <summary>Cancels, and pays after all.</summary>
    PaysAfterCancel,

    /// <summary>Is charged twice for one order.</summary>
    PaysTwice,

    /// <summary>Cancels.</summary>
    Cancels,
}

/// <summary>One buyer in the stream, drawn before it begins. All times in milliseconds.</summary>
/// <param name="Comes">After the beginning of the stream.</param>
/// <param name="Deed">What the buyer does.</param>
/// <param name="Thinks">Between the prompt and the deed.</param>
/// <param name="Late">What comes late comes so much later.</param>
/// <param name="Shop">The node that is asked for the order.</param>
/// <param name="Callback">The node that is called back.</param>
/// <param name="Pages">The nodes at which the buyer's pages wait.</param>
internal sealed record BuyerPlan(int Comes, Deed Deed, int Thinks, int Late, int Shop, int Callback, IReadOnlyList<int> Pages)
{
    public bool Paid => Deed != Deed.Cancels;

    /// <summary>How many requests of shop and till it takes when nothing is repeated.</summary>
    public int Requests => Deed is Deed.Pays or Deed.Cancels ? 2 : 3;

    public static BuyerPlan Draw(Random random, int within) => new(
        random.Next(within),
        Enum.GetValues<Deed>()[random.Next(Enum.GetValues<Deed>().Length)],
        random.Next(400),
        random.Next(1500),
        random.Next(2),
        random.Next(2),
        [.. Enumerable.Range(0, 1 + random.Next(2)).Select(_ => random.Next(2))]);
}
