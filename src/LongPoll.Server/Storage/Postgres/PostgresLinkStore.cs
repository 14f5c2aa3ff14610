using Dapper;
using LongPoll.Server.Links;
using LongPoll.Server.Payments;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>Payment links on PostgreSQL. An order takes its place at a link with the link's row locked, in <see cref="PostgresOrderStore"/>.</summary>
internal sealed class PostgresLinkStore(PostgresDatabase database) : ILinkStore
{
    public async Task<bool> CreateLinkAsync(PaymentLink link, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(new CommandDefinition(
            $"""
            with made as (
                {LinkSql.Create} returning link_id
            )
            insert into payment_link_events (link_id, n, type, at) select link_id, 1, 'CREATED', @CreatedAt from made
            """,
            LinkParameters.Create(link), cancellationToken: cancel)) == 1;
    }

    public Task<PaymentLink?> FindLinkAsync(Guid linkId, CancellationToken cancel) =>
        FindAsync("where l.link_id = @LinkId limit 1", new { LinkId = linkId }, cancel);

    public Task<PaymentLink?> FindLinkByCodeAsync(string shortCode, CancellationToken cancel) =>
        FindAsync("where l.short_code = @ShortCode limit 1", new { ShortCode = shortCode }, cancel);

    public Task<bool> OpenLinkAsync(Guid linkId, DateTime now, CancellationToken cancel) =>
        MoveAsync("l.state = 'draft' and l.expires_at > @Now", LinkState.Open, LinkEvents.Opened, linkId, now, cancel);

    public Task<bool> CancelLinkAsync(Guid linkId, DateTime now, CancellationToken cancel) =>
        MoveAsync($"l.state = 'open' and not {LinkSql.Paid}", LinkState.Canceled, LinkEvents.Canceled, linkId, now, cancel);

    public async Task<(int Closed, IReadOnlyList<Guid> Expired)> CloseOverdueLinksAsync(DateTime now, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var closed = (await connection.QueryAsync<(Guid LinkId, bool Paid)>(new CommandDefinition(
            $"""
            with due as (
                select l.link_id, {LinkSql.Paid} as paid from payment_links l
                where l.state = 'open' and l.expires_at <= @Now
                order by l.expires_at limit @Limit for update of l skip locked
            ), closed as (
                update payment_links l
                set state = case when due.paid then 'paid' else 'expired' end, updated_at = case when due.paid then l.updated_at else @Now end
                from due where l.link_id = due.link_id
                returning l.link_id, due.paid
            ), noted as (
                insert into payment_link_events (link_id, n, type, at)
                select c.link_id, (select max(e.n) + 1 from payment_link_events e where e.link_id = c.link_id), '{LinkEvents.Expired}', @Now
                from closed c where not c.paid
            )
            select link_id, paid from closed
            """,
            new { Now = now, Limit = limit }, cancellationToken: cancel))).AsList();
        return (closed.Count, [.. closed.Where(c => !c.Paid).Select(c => c.LinkId)]);
    }

    public async Task<IReadOnlyList<Order>> CloseOrdersAsync(Guid linkId, DateTime now, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<OrderRow>(new CommandDefinition(
            $"""
            with changed as (
                update orders o
                set safe_to_retry = false, expires_at = least(o.expires_at, @Now), version = o.version + 1, announced_version = o.version + 1,
                    updated_at = greatest(o.updated_at, @Now)
                from payment_links l
                where l.link_id = @LinkId and o.link_id = l.link_id and {LinkSql.Overtaken}
                returning o.*
            ), noted as (
                insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, code, at)
                select gen_random_uuid(), n.order_id, n.current_attempt_id, n.version, n.payment_status, n.payment_status, a.state,
                       'link', 'link_closed', @Now
                from changed n join payment_attempts a on a.attempt_id = n.current_attempt_id
            ), asked as (
                update payment_attempts a set ask_at = least(a.ask_at, greatest(@Now, a.created_at + @LongestPrompt))
                from changed n
                where a.order_id = n.order_id and n.payment_status in ('pending', 'processing') and a.ask_at is not null
            )
            select {OrderRow.Columns} from changed o join customers c using (customer_id)
            """,
            new { LinkId = linkId, Now = now, AskRules.LongestPrompt }, cancellationToken: cancel));
        return [.. rows.Select(r => r.ToOrder())];
    }

    public async Task<IReadOnlyList<Guid>> FindStuckLinksAsync(DateTime before, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<Guid>(new CommandDefinition(LinkSql.Stuck, new { Before = before, Limit = limit }, cancellationToken: cancel))];
    }

    private async Task<PaymentLink?> FindAsync(string which, object parameters, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var row = await connection.QueryFirstOrDefaultAsync<LinkRow>(new CommandDefinition(LinkSql.Read + which, parameters, cancellationToken: cancel));
        return row?.ToLink();
    }

    private async Task<bool> MoveAsync(string condition, LinkState to, string happened, Guid linkId, DateTime now, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(new CommandDefinition(
            $"""
            with moved as (
                update payment_links l set state = @To, updated_at = @Now where l.link_id = @LinkId and {condition} returning l.link_id
            )
            insert into payment_link_events (link_id, n, type, at)
            select m.link_id, (select max(e.n) + 1 from payment_link_events e where e.link_id = m.link_id), @Happened, @Now from moved m
            """,
            new { LinkId = linkId, To = LinkParameters.Word(to), Happened = happened, Now = now }, cancellationToken: cancel)) == 1;
    }
}
