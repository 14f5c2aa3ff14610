namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>How many rows break each rule that holds for the whole database when nobody is at work. All are to be 0.</summary>
internal sealed record BrokenRules
{
    public long OrdersThatNobodyHas { get; init; }
    public long OrdersWithoutAnEnd { get; init; }
    public long PaidButNotBookedOnce { get; init; }
    public long BookedButNotPaid { get; init; }
    public long ReceiptsLost { get; init; }
    public long MoneyInvented { get; init; }
    public long MoneyTwice { get; init; }
    public long AmountOff { get; init; }
    public long ChangesWithoutAudit { get; init; }
    public long CallbacksUnmatched { get; init; }
    public long PromisesOverdue { get; init; }
    public long PromisesBuried { get; init; }
    public long AnnouncementsOwed { get; init; }
}

/// <summary>Compares the tables with what buyers and provider know.</summary>
internal static class WholeBooks
{
    // Every order of these tests costs this much.
    private const long Price = 300_00;

    public static async Task<BrokenRules> BrokenAsync(Books books, IReadOnlyCollection<Bill> bills) => await books.ReadAsync<BrokenRules>(
        """
        with known as (
            select * from unnest(@OrderIds::uuid[], @Paid::boolean[]) as k(order_id, paid)
        ), receipt as (
            select unnest(@Receipts::text[]) as transaction_id
        ), money as (
            select transaction_id, amount_minor from payments union all select transaction_id, amount_minor from money_inbox
        ), tally as (
            select o.*, k.paid,
                (select count(*) from payments p where p.order_id = o.order_id) as payments,
                (select count(*) from bookings b where b.order_id = o.order_id) as bookings,
                (select count(*) from bookings b join payments p using (order_id, provider, transaction_id)
                 where b.order_id = o.order_id and b.booking_reference = o.booking_reference and p.transaction_id = o.receipt) as agree,
                (select count(*) from order_events e where e.order_id = o.order_id) as events
            from orders o left join known k using (order_id)
        )
        select
            (select count(*) from tally where paid is null) as "OrdersThatNobodyHas",
            (select count(*) from tally where payment_status in ('pending', 'processing')) as "OrdersWithoutAnEnd",
            (select count(*) from tally where paid and (payment_status, payments, bookings, agree) <> ('completed', 1, 1, 1)) as "PaidButNotBookedOnce",
            (select count(*) from tally where not paid and (payment_status = 'completed' or payments + bookings > 0)) as "BookedButNotPaid",
            (select count(*) from receipt where transaction_id not in (select transaction_id from money)) as "ReceiptsLost",
            (select count(*) from money where transaction_id not in (select transaction_id from receipt)) as "MoneyInvented",
            (select count(*) - count(distinct transaction_id) from money) as "MoneyTwice",
            (select coalesce(sum(amount_minor), 0) from money) - (select count(*) from receipt) * @Price as "AmountOff",
            (select count(*) from tally where events <> version) as "ChangesWithoutAudit",
            (select count(*) from callbacks where result = 'unmatched') as "CallbacksUnmatched",
            (select count(*) from outbox where done_at is null and buried_at is null and due_at <= now()) as "PromisesOverdue",
            (select count(*) from outbox where buried_at is not null) as "PromisesBuried",
            (select count(*) from order_events where not announced) as "AnnouncementsOwed"
        """,
        new
        {
            OrderIds = bills.Select(b => b.Order.OrderId).ToArray(),
            Paid = bills.Select(b => b.Paid).ToArray(),
            Receipts = bills.SelectMany(b => b.Receipts).ToArray(),
            Price,
        });
}
