using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.Verdict;

namespace LongPoll.Tests.Sandbox.Verdict;

/// <summary>A day of one good order, and the words to doctor it with.</summary>
internal static class Days
{
    public const string Receipt = "UKL0000001";
    public const string Booking = "BK-0000000001";

    public static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    public static readonly Guid OrderId = new("01a1fbed-f1d4-7ae2-9293-63eb72baea60");

    public static readonly SeenOrder Processing = new(OrderId, "processing", false, false, 300, null, null, 2, Noon.AddSeconds(1));
    public static readonly SeenOrder Completed = new(OrderId, "completed", true, false, 300, Receipt, Booking, 3, Noon.AddSeconds(9), "completed", [new SeenTicket(Success: true, "/orders/1/tickets/1")]);

    public static readonly LedgerCallback Applied = new(CallbackKind.True, Receipt, Noon.AddSeconds(9), 200, "applied", OrderId, Booking);

    public static readonly LedgerLine Paid = new(
        "PH1", "ORD-P1", "254700000001", 300, Noon, Receipt, 300, Noon.AddSeconds(8), Delivered: true, FailureToldAt: null, [Applied]);

    public static readonly LedgerLine Unpaid = Paid with
    {
        Receipt = null,
        AmountPaid = null,
        PaidAt = null,
        Delivered = false,
        FailureToldAt = Noon.AddSeconds(5),
        Callbacks = [],
    };

    public static readonly OrderHistory Good = new(1, "254700000001", 300)
    {
        OrderId = OrderId,
        Waits = 1,
        Ledger = [Paid],
        AtRest = [Completed],
        Sightings =
        [
            Saw("tab 1", Processing),
            Saw("tab 1", Completed, Wait("notified", since: 2)),
            Saw("stream", Processing),
            Saw("stream", Completed),
        ],
    };

    public static Sighting Saw(string page, SeenOrder seen, WaitFacts? wait = null) => new(page, seen.UpdatedAt.AddMilliseconds(20), seen, wait);

    public static WaitFacts Wait(string ending, long? since = null, string until = "change", double took = 8, double answered = 9) =>
        new(since, until, ending, TimeSpan.FromSeconds(took), Noon.AddSeconds(answered));

    public static OrderHistory With(params Sighting[] more) => Good with { Sightings = [.. Good.Sightings, .. more] };

    /// <summary>The names of the invariants that a day breaks.</summary>
    public static string[] Broken(OrderHistory order, params InboxEntry[] inbox) =>
        [.. Invariants.Judge(new Day([order], inbox)).Where(r => r.Findings.Count > 0).Select(r => r.Invariant)];
}
