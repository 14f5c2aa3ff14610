using Dapper;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Payments;
using Microsoft.Data.Sqlite;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>Tickets and mails on SQLite.</summary>
internal sealed class SqliteFulfilmentStore(SqliteDatabase database) : IFulfilmentStore
{
    public async Task<IReadOnlyList<PaidOrder>> FindPaidOrdersAsync(IReadOnlyCollection<Guid> orderIds, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return [.. connection.Query<OrderRow, SoldRow, PaidOrder>(
            $"""
            select {OrderRow.Columns}, o.items as items, o.event as event,
                   (select json_group_array(json_object({TicketRow.Members})) from tickets t where t.order_id = o.order_id) as tickets,
                   (select group_concat(m.kind, ',') from mails m where m.order_id = o.order_id) as mails
            from orders o join customers c using (customer_id)
            where o.order_id in @OrderIds
            """,
            static (order, sold) => sold.ToPaidOrder(order),
            new { OrderIds = orderIds.Select(id => id.ToString("D")) },
            splitOn: "items")];
    }

    public Task<IReadOnlyList<Order>> FulfilAsync(IReadOnlyList<FulfilmentStep> steps, DateTime now, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<Order>>(
            (connection, transaction) => [.. steps.Select(step => Fulfil(connection, transaction, step, now)).OfType<Order>()], cancel);

    private static Order? Fulfil(SqliteConnection connection, SqliteTransaction transaction, FulfilmentStep step, DateTime now)
    {
        var line = FulfilmentLine.Of(step);
        var parameters = new DynamicParameters(line);
        parameters.AddDynamicParams(new { Now = now });
        int Run(string sql) => connection.Execute(sql, parameters, transaction);

        var moved = Run(
            """
            update orders set fulfilment = @ToState, ticket_list = @TicketList, version = version + 1, updated_at = max(updated_at, @Now)
            where order_id = @OrderId and fulfilment = @FromState and payment_status = 'completed'
            """);
        if (moved == 0)
        {
            return null;
        }

        Run(
            """
            insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, code, at)
            select @EventId, o.order_id, coalesce(p.attempt_id, o.current_attempt_id), o.version, o.payment_status, o.payment_status, 'paid',
                   'fulfilment', o.fulfilment, @Now
            from orders o left join payments p using (order_id) where o.order_id = @OrderId
            """);
        connection.Execute(
            """
            insert into tickets (order_id, line, unit, number, item, seat, ticket_path, external_id, issued_at, voided_at)
            values (@OrderId, @Line, @Unit, @Number, @Item, @Seat, @TicketPath, @ExternalId, @Now,
                    case when (select o.refunded_minor >= p.amount_minor from orders o join payments p using (order_id) where order_id = @OrderId) then @Now end)
            """,
            step.Issued.Select(t => new { step.OrderId, t.Slot.Line, t.Slot.Unit, t.Slot.Number, t.Slot.Item, t.Slot.Seat, t.TicketPath, t.ExternalId, Now = now }),
            transaction);
        var welcomed = Run(
            """
            update customers set welcome_order_id = @OrderId
            where @Welcomes and customer_id = (select customer_id from orders where order_id = @OrderId) and welcome_order_id is null and erased_at is null
              and not exists (select 1 from customers w where w.email = customers.email and w.welcome_order_id is not null and w.erased_at is null)
            """);
        string[] mails = [.. welcomed == 1 ? ["welcome"] : Array.Empty<string>(), .. step.Mails];
        if (mails.Length > 0)
        {
            connection.Execute(
                """
                insert into outbox (message_id, kind, key, order_id, subject_id, created_at, due_at)
                values (@MailId, 'mail', @Key, @OrderId, @OrderId, @Now, @Now)
                on conflict (key) where done_at is null and buried_at is null do nothing
                """,
                new { line.MailId, Key = $"mail:{step.OrderId:D}:{string.Join(',', mails)}", step.OrderId, Now = now }, transaction);
        }

        Run("update outbox set done_at = @Now, leased_until = null, reason = null where message_id = @KeptMessageId");
        return connection.QuerySingle<OrderRow>(
            $"select {OrderRow.Columns} from orders o join customers c using (customer_id) where o.order_id = @OrderId",
            new { step.OrderId }, transaction).ToOrder();
    }

    public Task NoteMailAsync(Guid orderId, string kind, string messageId, string outcome, DateTime now, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.Execute(
                "insert into mails (order_id, kind, message_id, outcome, at) values (@OrderId, @Kind, @MessageId, @Outcome, @Now) on conflict do nothing",
                new { OrderId = orderId, Kind = kind, MessageId = messageId, Outcome = outcome, Now = now }, transaction),
            cancel);

    public Task<Admission?> AdmitAsync(Guid orderId, int number, DateTime now, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) =>
            {
                var parameters = new { OrderId = orderId, Number = number, Now = now };
                var used = connection.Execute(
                    "update tickets set admitted_at = @Now where order_id = @OrderId and number = @Number and admitted_at is null and voided_at is null",
                    parameters, transaction);
                var ticket = connection.QuerySingleOrDefault<string>(
                    $"select json_object({TicketRow.Members}) from tickets t where t.order_id = @OrderId and t.number = @Number", parameters, transaction);
                return ticket is null ? null : new Admission(used == 1, TicketRow.Read(ticket));
            },
            cancel);
}
