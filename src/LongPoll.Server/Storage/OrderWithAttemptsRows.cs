using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage;

/// <summary>An order and its attempts in one read: a row for each attempt.</summary>
internal static class OrderWithAttemptsRows
{
    public const string Sql = $"""
        select {OrderRow.Columns}, {AttemptRow.Columns}
        from orders o join customers c using (customer_id) join payment_attempts a on a.order_id = o.order_id
        where o.order_id = @OrderId order by a.number
        """;

    public static OrderWithAttempts? Read(IReadOnlyList<(OrderRow Order, AttemptRow Attempt)> rows) =>
        rows.Count == 0 ? null : new OrderWithAttempts(rows[0].Order.ToOrder(), [.. rows.Select(static r => r.Attempt.ToAttempt())]);
}
