namespace LongPoll.Sandbox.Verdict;

/// <summary>The invariants by name. Each is a pure function of a day, so that a test can hand it a doctored one.</summary>
internal static class Invariants
{
    public const string AllTaken = "every order is taken";
    public const string OnePayment = "one payment and one booking per paid order";
    public const string Fulfilled = "every paid order has its tickets, once";
    public const string NothingPaidUnpaid = "nothing paid is shown as unpaid";
    public const string BooksEqualReceipts = "settled + money inbox = provider receipts";
    public const string NeverBack = "versions never go back";
    public const string CompletedStays = "completed stays completed";
    public const string NoSecondCapture = "no second capture is invited";
    public const string ForgedChangesNothing = "forged callbacks change nothing";
    public const string WaitsEndWell = "every wait is answered";
    public const string WaitsBringNews = "a wait brings something new";
    public const string WaitsWake = "no wait sleeps through a change";

    /// <summary>All of them, in the order of the table.</summary>
    public static IReadOnlyList<Ruling> Judge(Day day) =>
    [
        Each(day, AllTaken, _ => 1, PagesInvariants.Taken),
        Each(day, OnePayment, o => o.Ledger.Any(l => l.Receipt is not null) ? 1 : 0, MoneyInvariants.OnePayment),
        Each(day, Fulfilled, o => o.AtRest.Count(s => s.Completed), FulfilmentInvariants.Fulfilled),
        new(NothingPaidUnpaid, MoneyInvariants.Receipts(day).Count(), [.. MoneyInvariants.NothingPaidUnpaid(day)]),
        new(BooksEqualReceipts, MoneyInvariants.Receipts(day).Count(), [.. MoneyInvariants.BooksEqualReceipts(day)]),
        Each(day, NeverBack, o => o.Sightings.Count, PagesInvariants.NeverBack),
        Each(day, CompletedStays, o => o.Sightings.Count, PagesInvariants.CompletedStays),
        Each(day, NoSecondCapture, o => o.Sightings.Count(s => s.Seen.SafeToRetry), MoneyInvariants.NoSecondCapture),
        new(ForgedChangesNothing, ForgedInvariant.Looked(day), [.. ForgedInvariant.ForgedChangesNothing(day)]),
        Each(day, WaitsEndWell, o => o.Waits, o => o.BadWaits),
        Each(day, WaitsBringNews, o => o.Sightings.Count(s => s.Wait is not null), PagesInvariants.WaitsBringNews),
        Each(day, WaitsWake, o => o.Sightings.Count(s => s.Wait is not null), PagesInvariants.WaitsWake),
    ];

    private static Ruling Each(Day day, string name, Func<OrderHistory, int> looked, Func<OrderHistory, IEnumerable<string>> broken) =>
        new(name, day.Orders.Sum(looked), [.. day.Orders.SelectMany(o => broken(o).Select(what => new Finding(o.Number, o.OrderId, what)))]);
}
