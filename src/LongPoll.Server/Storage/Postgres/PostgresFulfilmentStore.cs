using Dapper;
using LongPoll.Server.Fulfilment;
using LongPoll.Server.Payments;
using Npgsql;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>Tickets and mails on PostgreSQL.</summary>
internal sealed class PostgresFulfilmentStore(PostgresDatabase database) : IFulfilmentStore
{
    public async Task<IReadOnlyList<PaidOrder>> FindPaidOrdersAsync(IReadOnlyCollection<Guid> orderIds, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<OrderRow, SoldRow, PaidOrder>(
            new CommandDefinition(
                $"""
                select {OrderRow.Columns}, o.items::text as items, o.event::text as event,
                       (select jsonb_agg(jsonb_build_object({TicketRow.PostgresMembers}))::text from tickets t where t.order_id = o.order_id) as tickets,
                       (select string_agg(m.kind, ',') from mails m where m.order_id = o.order_id) as mails
                from orders o join customers c using (customer_id)
                where o.order_id = any(@OrderIds)
                """,
                new { OrderIds = orderIds.ToArray() }, cancellationToken: cancel),
            static (order, sold) => sold.ToPaidOrder(order),
            splitOn: "items");
        return [.. rows];
    }

    // Everything hangs on `moved`: a step that somebody else has done takes nothing along. Whom to welcome is asked with "num_nulls"
    // and not "is null", "coalesce" and not "not exists": a plan that was made while there were few customers would read all of them.
    private const string FulfilSql = $"""
        with line as materialized (
            select * from unnest(@OrderIds::uuid[], @FromStates::text[], @ToStates::text[], @TicketLists::text[], @EventIds::uuid[],
                                 @Welcomes::boolean[], @MailIds::uuid[], @Mails::text[], @KeptMessageIds::uuid[])
                as l(order_id, from_state, to_state, ticket_list, event_id, welcomes, mail_id, mails, kept_message_id)
        ), moved as (
            update orders o
            set fulfilment = l.to_state, ticket_list = l.ticket_list::jsonb, version = o.version + 1, announced_version = o.version + 1,
                updated_at = greatest(o.updated_at, @Now)
            from line l
            where o.order_id = l.order_id and o.fulfilment = l.from_state and o.payment_status = 'completed'
            returning o.*, l.event_id, l.welcomes, l.mail_id, l.mails, l.kept_message_id
        ), noted as (
            insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, code, at)
            select m.event_id, m.order_id, coalesce(p.attempt_id, m.current_attempt_id), m.version, m.payment_status, m.payment_status, 'paid',
                   'fulfilment', m.fulfilment, @Now
            from moved m left join payments p using (order_id)
        ), issued as (
            insert into tickets (order_id, line, unit, number, item, seat, ticket_path, external_id, issued_at, voided_at)
            select t.order_id, t.line, t.unit, t.number, t.item, t.seat, t.ticket_path, t.external_id, @Now,
                   case when m.refunded_minor >= (select p.amount_minor from payments p where p.order_id = m.order_id) then @Now end
            from unnest(@TicketOrderIds::uuid[], @Lines::int[], @Units::int[], @Numbers::int[], @ItemNames::text[], @Seats::text[],
                        @TicketPaths::text[], @ExternalIds::text[])
                as t(order_id, line, unit, number, item, seat, ticket_path, external_id)
            join moved m on m.order_id = t.order_id
        ), welcomed as (
            update customers c set welcome_order_id = m.order_id
            from moved m
            where m.welcomes and c.customer_id = m.customer_id and num_nulls(c.welcome_order_id, c.erased_at) = 2
              and coalesce((select false from customers w where w.email = c.email and w.welcome_order_id is not null and w.erased_at is null limit 1), true)
            returning m.order_id
        ), promised as (
            insert into outbox (message_id, kind, key, order_id, subject_id, created_at, due_at)
            select m.mail_id, 'mail', 'mail:' || m.order_id || ':' || concat_ws(',', case when w.order_id is not null then 'welcome' end, nullif(m.mails, '')),
                   m.order_id, m.order_id, @Now, @Now
            from moved m left join welcomed w using (order_id)
            where m.mails <> '' or w.order_id is not null
            on conflict (key) where done_at is null and buried_at is null do nothing
        ), kept as (
            update outbox x set done_at = @Now, leased_until = null, reason = null from moved m where x.message_id = m.kept_message_id
        )
        select {OrderRow.Columns} from moved o join customers c using (customer_id)
        """;

    public async Task<IReadOnlyList<Order>> FulfilAsync(IReadOnlyList<FulfilmentStep> steps, DateTime now, CancellationToken cancel)
    {
        try
        {
            return await WriteAsync(steps, now, cancel);
        }
        catch (PostgresException e) when (steps.Count > 1 && e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.LockNotAvailable)
        {
            // Nothing of the list was written: one by one, each sees what the one before it has done.
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            // Another node has welcomed this address, or issued this ticket, in this very moment: now that can be seen.
            return await WriteAsync(steps, now, cancel);
        }

        var moved = new List<Order>(steps.Count);
        foreach (var step in steps)
        {
            moved.AddRange(await FulfilAsync([step], now, cancel));
        }

        return moved;
    }

    private async Task<IReadOnlyList<Order>> WriteAsync(IReadOnlyList<FulfilmentStep> steps, DateTime now, CancellationToken cancel)
    {
        // In the order of the ids, as every statement that takes many orders, so that two of them cannot block each other.
        FulfilmentLine[] lines = [.. steps.Select(FulfilmentLine.Of).OrderBy(static l => l.OrderId)];
        (Guid OrderId, Ticket Ticket)[] tickets = [.. steps.SelectMany(static s => s.Issued.Select(t => (s.OrderId, t)))];
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<OrderRow>(new CommandDefinition(
            FulfilSql,
            new
            {
                Now = now,
                OrderIds = Array.ConvertAll(lines, static l => l.OrderId),
                FromStates = Array.ConvertAll(lines, static l => l.FromState),
                ToStates = Array.ConvertAll(lines, static l => l.ToState),
                TicketLists = Array.ConvertAll(lines, static l => l.TicketList),
                EventIds = Array.ConvertAll(lines, static l => l.EventId),
                Welcomes = Array.ConvertAll(lines, static l => l.Welcomes),
                MailIds = Array.ConvertAll(lines, static l => l.MailId),
                Mails = Array.ConvertAll(lines, static l => l.Mails),
                KeptMessageIds = Array.ConvertAll(lines, static l => l.KeptMessageId),
                TicketOrderIds = Array.ConvertAll(tickets, static t => t.OrderId),
                Lines = Array.ConvertAll(tickets, static t => t.Ticket.Slot.Line),
                Units = Array.ConvertAll(tickets, static t => t.Ticket.Slot.Unit),
                Numbers = Array.ConvertAll(tickets, static t => t.Ticket.Slot.Number),
                ItemNames = Array.ConvertAll(tickets, static t => t.Ticket.Slot.Item),
                Seats = Array.ConvertAll(tickets, static t => t.Ticket.Slot.Seat),
                TicketPaths = Array.ConvertAll(tickets, static t => t.Ticket.TicketPath),
                ExternalIds = Array.ConvertAll(tickets, static t => t.Ticket.ExternalId),
            },
            cancellationToken: cancel));
        return [.. rows.Select(r => r.ToOrder())];
    }

    public async Task NoteMailAsync(Guid orderId, string kind, string messageId, string outcome, DateTime now, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            "insert into mails (order_id, kind, message_id, outcome, at) values (@OrderId, @Kind, @MessageId, @Outcome, @Now) on conflict do nothing",
            new { OrderId = orderId, Kind = kind, MessageId = messageId, Outcome = outcome, Now = now }, cancellationToken: cancel));
    }

    public async Task<Admission?> AdmitAsync(Guid orderId, int number, DateTime now, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var used = await connection.ExecuteAsync(new CommandDefinition(
            "update tickets set admitted_at = @Now where order_id = @OrderId and number = @Number and admitted_at is null and voided_at is null",
            new { OrderId = orderId, Number = number, Now = now }, cancellationToken: cancel));
        var ticket = await connection.QuerySingleOrDefaultAsync<string>(new CommandDefinition(
            $"select jsonb_build_object({TicketRow.PostgresMembers})::text from tickets t where t.order_id = @OrderId and t.number = @Number",
            new { OrderId = orderId, Number = number }, cancellationToken: cancel));
        return ticket is null ? null : new Admission(used == 1, TicketRow.Read(ticket));
    }
}
