using System.Text;
using Dapper;
using LongPoll.Server.Admin;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>Erasing people on SQLite.</summary>
internal sealed class SqliteErasureStore(SqliteDatabase database) : IErasureStore
{
    public Task<IReadOnlyList<Order>?> EraseAsync(Guid id, DateTime now, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<Order>?>(
            (connection, transaction) =>
            {
                var people = connection.Query<(string CustomerId, string Email, string Phone)>(
                    """
                    select c.customer_id, c.email, c.phone from customers c
                    where c.erased_at is null and c.email = (
                        select k.email from customers k
                        where k.erased_at is null and (k.customer_id = @Id or k.customer_id = (select o.customer_id from orders o where o.order_id = @Id)))
                    """,
                    new { Id = id }, transaction).ToArray();
                if (people.Length == 0)
                {
                    return null;
                }

                var customers = Array.ConvertAll(people, static p => p.CustomerId);
                var orders = connection.Query<string>("select order_id from orders where customer_id in @Customers", new { Customers = customers }, transaction).ToArray();
                connection.Execute(ErasureSql.Customers + " where customer_id in @Customers", new { Customers = customers, Now = now }, transaction);
                foreach (var order in orders)
                {
                    connection.Execute(
                        """
                        update orders set version = version + 1, updated_at = max(updated_at, @Now) where order_id = @OrderId;

                        insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, code, at)
                        select @EventId, o.order_id, o.current_attempt_id, o.version, o.payment_status, o.payment_status, a.state, 'admin', 'erased', @Now
                        from orders o join payment_attempts a on a.attempt_id = o.current_attempt_id where o.order_id = @OrderId;

                        update callbacks set body = x'' where order_id = @OrderId;
                        """,
                        new { OrderId = order, EventId = Guid.CreateVersion7(), Now = now }, transaction);
                }

                // A phone stands in a callback as 07…, 254… or +254…, and at the end of an id: the last nine digits are in all of them. News of a
                // dispute may bring the address, and belongs to no order.
                foreach (var trace in ErasureSql.Traces(people.Select(static p => (p.Email, p.Phone))))
                {
                    connection.Execute("update callbacks set body = x'' where instr(body, @Trace) > 0", new { Trace = Encoding.UTF8.GetBytes(trace) }, transaction);
                }

                return [.. connection.Query<OrderRow>(
                    $"select {OrderRow.Columns} from orders o join customers c using (customer_id) where o.order_id in @Orders",
                    new { Orders = orders }, transaction).Select(r => r.ToOrder())];
            },
            cancel);
}
