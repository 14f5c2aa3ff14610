using Dapper;
using LongPoll.Server.Links;
using LongPoll.Server.Payments;
using Microsoft.Data.Sqlite;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>Payment links on SQLite, whose one writer at a time is all the locking there is.</summary>
internal sealed class SqliteLinkStore(SqliteDatabase database) : ILinkStore
{
    public Task<bool> CreateLinkAsync(PaymentLink link, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) =>
            {
                var parameters = LinkParameters.Create(link);
                return connection.Execute(LinkSql.Create, parameters, transaction) == 1
                    && connection.Execute(LinkSql.NoteCreated, parameters, transaction) == 1;
            },
            cancel);

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
        // Most runs find nothing: they should not take the writer's place.
        await using (var connection = await database.OpenAsync(cancel))
        {
            if (!connection.ExecuteScalar<bool>("select exists (select 1 from payment_links where state = 'open' and expires_at <= @Now)", new { Now = now }))
            {
                return (0, []);
            }
        }

        return await database.WriteAsync(
            (connection, transaction) =>
            {
                var due = connection.Query<DueLink>(
                    $"select l.link_id, {LinkSql.Paid} as paid from payment_links l where l.state = 'open' and l.expires_at <= @Now order by l.expires_at limit @Limit",
                    new { Now = now, Limit = limit }, transaction).AsList();
                foreach (var link in due)
                {
                    if (link.Paid)
                    {
                        connection.Execute("update payment_links set state = 'paid' where link_id = @LinkId", new { link.LinkId }, transaction);
                    }
                    else
                    {
                        connection.Execute("update payment_links set state = 'expired', updated_at = @Now where link_id = @LinkId", new { link.LinkId, Now = now }, transaction);
                        Note(connection, transaction, link.LinkId, LinkEvents.Expired, now);
                    }
                }

                return (due.Count, (IReadOnlyList<Guid>)[.. due.Where(d => !d.Paid).Select(d => d.LinkId)]);
            },
            cancel);
    }

    public Task<IReadOnlyList<Order>> CloseOrdersAsync(Guid linkId, DateTime now, CancellationToken cancel) =>
        database.WriteAsync<IReadOnlyList<Order>>(
            (connection, transaction) =>
            {
                var parameters = new { LinkId = linkId, Now = now };
                var changed = connection.Query<string>(
                    $"select o.order_id from orders o join payment_links l on l.link_id = o.link_id where l.link_id = @LinkId and {LinkSql.Overtaken}",
                    parameters, transaction).AsList();
                foreach (var orderId in changed)
                {
                    connection.Execute(
                        """
                        update orders
                        set safe_to_retry = 0, expires_at = min(expires_at, @Now), version = version + 1, updated_at = max(updated_at, @Now)
                        where order_id = @OrderId;

                        insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, code, at)
                        select @EventId, o.order_id, o.current_attempt_id, o.version, o.payment_status, o.payment_status, a.state, 'link', 'link_closed', @Now
                        from orders o join payment_attempts a on a.attempt_id = o.current_attempt_id where o.order_id = @OrderId;

                        update payment_attempts set ask_at = min(ask_at, max(@Now, created_at + @LongestPrompt))
                        where order_id = @OrderId and ask_at is not null
                          and exists (select 1 from orders o where o.order_id = @OrderId and o.payment_status in ('pending', 'processing'));
                        """,
                        new { OrderId = orderId, EventId = Guid.CreateVersion7(), Now = now, LongestPrompt = (long)AskRules.LongestPrompt.TotalMilliseconds },
                        transaction);
                }

                return
                [
                    .. connection.Query<OrderRow>(
                        $"select {OrderRow.Columns} from orders o join customers c using (customer_id) where o.order_id in @Changed",
                        new { Changed = changed }, transaction).Select(r => r.ToOrder()),
                ];
            },
            cancel);

    public async Task<IReadOnlyList<Guid>> FindStuckLinksAsync(DateTime before, int limit, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return [.. connection.Query<string>(LinkSql.Stuck, new { Before = before, Limit = limit }).Select(Guid.Parse)];
    }

    private async Task<PaymentLink?> FindAsync(string which, object parameters, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return connection.QueryFirstOrDefault<LinkRow>(LinkSql.Read + which, parameters)?.ToLink();
    }

    private Task<bool> MoveAsync(string condition, LinkState to, string happened, Guid linkId, DateTime now, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) =>
            {
                var moved = connection.Execute(
                    $"update payment_links as l set state = @To, updated_at = @Now where l.link_id = @LinkId and {condition}",
                    new { LinkId = linkId, To = LinkParameters.Word(to), Now = now }, transaction) == 1;
                if (moved)
                {
                    Note(connection, transaction, linkId, happened, now);
                }

                return moved;
            },
            cancel);

    private static void Note(SqliteConnection connection, SqliteTransaction transaction, Guid linkId, string happened, DateTime now) =>
        connection.Execute(
            """
            insert into payment_link_events (link_id, n, type, at)
            select @LinkId, max(n) + 1, @Happened, @Now from payment_link_events where link_id = @LinkId
            """,
            new { LinkId = linkId, Happened = happened, Now = now }, transaction);

    private sealed class DueLink
    {
        public Guid LinkId { get; init; }
        public bool Paid { get; init; }
    }
}
