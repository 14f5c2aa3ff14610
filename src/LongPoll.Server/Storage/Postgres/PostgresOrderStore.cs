using Dapper;
using LongPoll.Server.Payments;
using Npgsql;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>Orders on PostgreSQL: making and reading them. Settling stands in the other part of this class.</summary>
internal sealed partial class PostgresOrderStore(PostgresDatabase database) : IOrderStore
{
    private static readonly TimeSpan IdempotencyWindow = TimeSpan.FromHours(24);

    public async Task<(OpenOutcome Outcome, Order? Order)> OpenOrderAsync(NewOrder newOrder, PromptLimit limit, CancellationToken cancel)
    {
        var (order, key) = (newOrder.Order, newOrder.IdempotencyKey);
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await LockPhoneAsync(connection, transaction, order.Customer.Phone, cancel);
        if (key is not null)
        {
            var known = await connection.QuerySingleOrDefaultAsync<(Guid OrderId, string BodyDigest)?>(Command(
                """
                select order_id, body_digest from idempotency_keys where key = @Key and created_at > @Since
                """,
                new { key.Key, Since = order.CreatedAt - IdempotencyWindow }, transaction, cancel));
            if (known is { } first)
            {
                return first.BodyDigest == key.BodyDigest
                    ? (OpenOutcome.Replayed, await FindOrderAsync(connection, first.OrderId, cancel))
                    : (OpenOutcome.KeyReused, null);
            }
        }

        var linkNumber = newOrder.Link is { } place ? await FindPlaceAsync(connection, transaction, place, order.CreatedAt, cancel) : null;
        if (newOrder.Link is not null && linkNumber is null)
        {
            return (OpenOutcome.LinkTaken, null);
        }

        if (await TooManyPromptsAsync(connection, transaction, order.Customer.Phone, limit, order.CreatedAt, cancel))
        {
            return (OpenOutcome.TooManyPrompts, null);
        }

        try
        {
            var keys = await connection.ExecuteAsync(Command(OpenOrderSql, WriteParameters.OpenOrder(newOrder, linkNumber), transaction, cancel));
            if (key is not null && keys == 0)
            {
                // Another phone's request took the key in this very moment: the order goes with the transaction.
                return (OpenOutcome.Clash, null);
            }

            await transaction.CommitAsync(cancel);
            return (OpenOutcome.Opened, order);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return (OpenOutcome.Clash, null);
        }
    }

    private const string OpenOrderSql = """
        with buyer as (
            insert into customers (customer_id, email, first_name, last_name, country, phone, created_at)
            values (@CustomerId, @Email, @FirstName, @LastName, @Country, @Phone, @CreatedAt)
            on conflict (email, phone, first_name, last_name, country) where erased_at is null do update set email = excluded.email
            returning customer_id
        ), made as (
            insert into orders (order_id, order_number, payment_status, total_minor, currency, provider, version, announced_version,
                                current_attempt_id, customer_id, event, items, created_at, updated_at, expires_at, link_id, link_number)
            select @OrderId, @OrderNumber, @PaymentStatus, @TotalMinor, @Currency, @Provider, @Version, @Version, @AttemptId,
                   buyer.customer_id, @EventJson::jsonb, @ItemsJson::jsonb, @CreatedAt, @UpdatedAt, @ExpiresAt,
                   @LinkId::uuid, @LinkNumber::int
            from buyer
        ), tried as (
            insert into payment_attempts (attempt_id, order_id, number, provider, state, reference, amount_minor, currency, created_at, ask_at)
            values (@AttemptId, @OrderId, @Number, @Provider, @AttemptState, @Reference, @TotalMinor, @Currency, @CreatedAt, @AskAt)
        ), noted as (
            insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, at)
            values (@EventId, @OrderId, @AttemptId, @Version, null, @PaymentStatus, @AttemptState, @Source, @CreatedAt)
        )
        insert into idempotency_keys (key, body_digest, order_id, created_at)
        select @Key, @BodyDigest, @OrderId, @CreatedAt where @Key is not null
        on conflict (key) do update set body_digest = excluded.body_digest, order_id = excluded.order_id, created_at = excluded.created_at
        where idempotency_keys.created_at <= excluded.created_at - interval '24 hours'
        """;

    public async Task<OpenOutcome> OpenAttemptAsync(
        Order before, Order after, Attempt attempt, OrderEvent orderEvent, PromptLimit limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await LockPhoneAsync(connection, transaction, before.Customer.Phone, cancel);
        if (await TooManyPromptsAsync(connection, transaction, before.Customer.Phone, limit, attempt.CreatedAt, cancel))
        {
            return OpenOutcome.TooManyPrompts;
        }

        // The link's row is held, so that no other order takes this one's place meanwhile.
        if (before.LinkId is { } linkId
            && (!await LockOpenLinkAsync(connection, transaction, linkId, attempt.CreatedAt, cancel)
                || await FindLinkTermsAsync(connection, before.OrderId, transaction, cancel) is not { } terms
                || !terms.LetsPay(attempt.CreatedAt)))
        {
            return OpenOutcome.Clash;
        }

        try
        {
            var made = await connection.ExecuteAsync(Command(
                """
                with moved as (
                    update orders
                    set payment_status = @PaymentStatus, reason = null, safe_to_retry = false, checkout_url = null, current_attempt_id = @AttemptId,
                        version = @Version, announced_version = @Version, updated_at = @UpdatedAt, expires_at = @ExpiresAt
                    where order_id = @OrderId and version = @Seen
                    returning order_id
                ), noted as (
                    insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, at)
                    select @EventId, order_id, @AttemptId, @Version, @FromStatus, @PaymentStatus, @AttemptState, @Source, @UpdatedAt from moved
                )
                insert into payment_attempts (attempt_id, order_id, number, provider, state, reference, amount_minor, currency, created_at, ask_at)
                select @AttemptId, order_id, @Number, @Provider, @AttemptState, @Reference, @TotalMinor, @Currency, @UpdatedAt, @AskAt from moved
                """,
                WriteParameters.OpenAttempt(before, after, attempt, orderEvent),
                transaction,
                cancel));
            await transaction.CommitAsync(cancel);
            return made == 1 ? OpenOutcome.Opened : OpenOutcome.Clash;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return OpenOutcome.Clash;
        }
    }

    public async Task<Order?> FindOrderAsync(Guid orderId, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await FindOrderAsync(connection, orderId, cancel);
    }

    private static async Task<Order?> FindOrderAsync(NpgsqlConnection connection, Guid orderId, CancellationToken cancel)
    {
        var row = await connection.QuerySingleOrDefaultAsync<OrderRow>(Command(
            $"select {OrderRow.Columns} from orders o join customers c using (customer_id) where o.order_id = @OrderId",
            new { OrderId = orderId }, null, cancel));
        return row?.ToOrder();
    }

    public async Task<IReadOnlyList<Attempt>> FindAttemptsAsync(Guid orderId, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<AttemptRow>(Command(
            $"select {AttemptRow.Columns} from payment_attempts a where a.order_id = @OrderId order by a.number",
            new { OrderId = orderId }, null, cancel));
        return [.. rows.Select(r => r.ToAttempt())];
    }

    public async Task<OrderWithAttempts?> FindWithAttemptsAsync(Guid orderId, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<OrderRow, AttemptRow, (OrderRow Order, AttemptRow Attempt)>(
            Command(OrderWithAttemptsRows.Sql, new { OrderId = orderId }, null, cancel),
            static (order, attempt) => (order, attempt),
            splitOn: "attempt_id");
        return OrderWithAttemptsRows.Read([.. rows]);
    }

    public async Task<LinkTerms?> FindLinkTermsAsync(Guid orderId, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await FindLinkTermsAsync(connection, orderId, null, cancel);
    }

    private static async Task<LinkTerms?> FindLinkTermsAsync(NpgsqlConnection connection, Guid orderId, NpgsqlTransaction? transaction, CancellationToken cancel) =>
        (await connection.QuerySingleOrDefaultAsync<LinkTermsRow>(Command(
            LinkSql.Terms + "where o.order_id = @OrderId", new { OrderId = orderId }, transaction, cancel)))?.ToTerms();

    // Null where the link has no place. Whoever comes at the same time waits here, and then sees the order that took it.
    private static async Task<int?> FindPlaceAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, LinkPlace place, DateTime now, CancellationToken cancel) =>
        await LockOpenLinkAsync(connection, transaction, place.LinkId, now, cancel)
            ? await connection.ExecuteScalarAsync<int?>(Command(LinkSql.NextNumber, new { place.LinkId }, transaction, cancel))
            : null;

    private static async Task<bool> LockOpenLinkAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid linkId, DateTime now, CancellationToken cancel) =>
        await connection.ExecuteScalarAsync<int?>(Command(
            "select 1 from payment_links where link_id = @LinkId and state = 'open' and expires_at > @Now for update",
            new { LinkId = linkId, Now = now }, transaction, cancel)) is not null;

    public async Task<IReadOnlyList<Order>> FindNewerAsync(IReadOnlyCollection<AnnouncedVersion> seen, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<OrderRow>(Command(
            $"""
            select {OrderRow.Columns}
            from unnest(@OrderIds::uuid[], @Versions::bigint[]) as seen(order_id, version)
            join orders o on o.order_id = seen.order_id and o.version > seen.version
            join customers c using (customer_id)
            """,
            new { OrderIds = seen.Select(s => s.OrderId).ToArray(), Versions = seen.Select(s => s.Version).ToArray() }, null, cancel));
        return [.. rows.Select(r => r.ToOrder())];
    }

    public async Task<IReadOnlyList<Order>> NoteAnnouncedAsync(
        IReadOnlyCollection<AnnouncedVersion> announced, DateTime changedBefore, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        if (announced.Count == 0)
        {
            var found = await connection.QueryAsync<OrderRow>(Command(
                $"""
                with owed as (
                    select order_id, at from order_events where not announced and at < @ChangedBefore order by at limit @Limit
                )
                {OwedSql}
                """,
                new { ChangedBefore = changedBefore, Limit = limit }, null, cancel));
            return [.. found.Select(r => r.ToOrder())];
        }

        // In the order of the ids, as every statement that takes many orders, so that two of them cannot block each other. "Is not
        // true" rather than "not": so the rows are found by their key, and not each of them among all that are owed. What is being
        // noted still looks owed to the same statement.
        var sorted = announced.OrderBy(a => a.OrderId).ToArray();
        var rows = await connection.QueryAsync<OrderRow>(Command(
            $"""
            with said as materialized (
                select * from unnest(@OrderIds::uuid[], @Versions::bigint[]) as s(order_id, version)
            ), noted as (
                update order_events e set announced = true
                from said
                where {PostgresDatabase.Unhurried} and e.order_id = said.order_id and e.version <= said.version and e.announced is not true
            ), owed as (
                select e.order_id, e.at from order_events e
                where not e.announced and e.at < @ChangedBefore
                  and not exists (select from said where said.order_id = e.order_id and e.version <= said.version)
                order by e.at limit @Limit
            )
            {OwedSql}
            """,
            new
            {
                OrderIds = Array.ConvertAll(sorted, static a => a.OrderId),
                Versions = Array.ConvertAll(sorted, static a => a.Version),
                ChangedBefore = changedBefore,
                Limit = limit,
            },
            null, cancel));
        return [.. rows.Select(r => r.ToOrder())];
    }

    private const string OwedSql = $"""
        select {OrderRow.Columns} from (select order_id, min(at) as since from owed group by order_id) owed
        join orders o using (order_id) join customers c using (customer_id) order by owed.since
        """;

    public async Task PingAsync(CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(Command("select 1", null, null, cancel));
    }

    // Two requests for one phone are counted one after the other, or each would find room for itself.
    private static Task<int> LockPhoneAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string phone, CancellationToken cancel) =>
        connection.ExecuteAsync(Command("select pg_advisory_xact_lock(hashtextextended('prompts:' || @Phone, 0))", new { Phone = phone }, transaction, cancel));

    private static async Task<bool> TooManyPromptsAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, string phone, PromptLimit limit, DateTime now, CancellationToken cancel) =>
        await connection.ExecuteScalarAsync<long>(Command(
            """
            select count(*) from payment_attempts a join orders o using (order_id) join customers c using (customer_id)
            where c.phone = @Phone and a.created_at > @Since
            """,
            new { Phone = phone, Since = now - limit.Window }, transaction, cancel)) >= limit.Prompts;

    private static CommandDefinition Command(string sql, object? parameters, NpgsqlTransaction? transaction, CancellationToken cancel) =>
        new(sql, parameters, transaction, cancellationToken: cancel);
}
