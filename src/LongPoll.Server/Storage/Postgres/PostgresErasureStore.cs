using Dapper;
using LongPoll.Server.Admin;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>Erasing people on PostgreSQL.</summary>
internal sealed class PostgresErasureStore(PostgresDatabase database) : IErasureStore
{
    public async Task<IReadOnlyList<Order>?> EraseAsync(Guid id, DateTime now, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        CommandDefinition Command(string sql, object parameters) => new(sql, parameters, transaction, cancellationToken: cancel);

        var people = (await connection.QueryAsync<(Guid CustomerId, string Email, string Phone)>(Command(
            """
            select c.customer_id, c.email, c.phone from customers c
            where c.erased_at is null and c.email = (
                select k.email from customers k
                where k.erased_at is null and (k.customer_id = @Id or k.customer_id = (select o.customer_id from orders o where o.order_id = @Id)))
            for update
            """,
            new { Id = id }))).ToArray();
        if (people.Length == 0)
        {
            return null;
        }

        var customers = Array.ConvertAll(people, static p => p.CustomerId);
        await connection.ExecuteAsync(Command(ErasureSql.Customers + " where customer_id = any(@Customers)", new { Customers = customers, Now = now }));
        var orders = (await connection.QueryAsync<OrderRow>(Command(
            $"""
            with changed as (
                update orders o set version = o.version + 1, announced_version = o.version + 1, updated_at = greatest(o.updated_at, @Now)
                where o.customer_id = any(@Customers) returning o.*
            ), noted as (
                insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, code, at)
                select gen_random_uuid(), n.order_id, n.current_attempt_id, n.version, n.payment_status, n.payment_status, a.state, 'admin', 'erased', @Now
                from changed n join payment_attempts a on a.attempt_id = n.current_attempt_id
            )
            select {OrderRow.Columns} from changed o join customers c using (customer_id)
            """,
            new { Customers = customers, Now = now }))).Select(r => r.ToOrder()).ToArray();

        // A phone stands in a callback as 07…, 254… or +254…, and at the end of an id: the last nine digits are in all of them. News of a
        // dispute may bring the address, and belongs to no order.
        await connection.ExecuteAsync(Command(
            """
            update callbacks set body = ''::bytea
            where order_id = any(@Orders)
               or exists (select from unnest(@Traces::text[]) as t(trace) where position(convert_to(t.trace, 'UTF8') in body) > 0)
            """,
            new { Orders = Array.ConvertAll(orders, static o => o.OrderId), Traces = ErasureSql.Traces(people.Select(static p => (p.Email, p.Phone))) }));
        await transaction.CommitAsync(cancel);
        return orders;
    }
}
