using Dapper;
using LongPoll.Server.Payments;
using Microsoft.Data.Sqlite;

namespace LongPoll.Server.Storage.Sqlite;

/// <summary>Orders on SQLite: making and reading them. Settling stands in the other part of this class.</summary>
internal sealed partial class SqliteOrderStore(SqliteDatabase database) : IOrderStore
{
    private const int UniqueViolation = 2067; // SQLITE_CONSTRAINT_UNIQUE; every primary key here is a fresh UUID
    private static readonly TimeSpan IdempotencyWindow = TimeSpan.FromHours(24);

    public async Task<(OpenOutcome Outcome, Order? Order)> OpenOrderAsync(NewOrder newOrder, PromptLimit limit, CancellationToken cancel)
    {
        try
        {
            return await database.WriteAsync((connection, transaction) => OpenOrder(connection, transaction, newOrder, limit), cancel);
        }
        catch (SqliteException e) when (e.SqliteExtendedErrorCode == UniqueViolation)
        {
            return (OpenOutcome.Clash, null);
        }
    }

    private static (OpenOutcome Outcome, Order? Order) OpenOrder(SqliteConnection connection, SqliteTransaction transaction, NewOrder made, PromptLimit limit)
    {
        var (order, key) = (made.Order, made.IdempotencyKey);
        if (key is not null)
        {
            var known = connection.QuerySingleOrDefault<(string OrderId, string BodyDigest)?>(
                "select order_id, body_digest from idempotency_keys where key = @Key and created_at > @Since",
                new { key.Key, Since = order.CreatedAt - IdempotencyWindow }, transaction);
            if (known is { } first)
            {
                return first.BodyDigest == key.BodyDigest
                    ? (OpenOutcome.Replayed, FindOrder(connection, transaction, first.OrderId))
                    : (OpenOutcome.KeyReused, null);
            }
        }

        var linkNumber = made.Link is { } place ? FindPlace(connection, transaction, place, order.CreatedAt) : null;
        if (made.Link is not null && linkNumber is null)
        {
            return (OpenOutcome.LinkTaken, null);
        }

        if (TooManyPrompts(connection, transaction, order.Customer.Phone, limit, order.CreatedAt))
        {
            return (OpenOutcome.TooManyPrompts, null);
        }

        var parameters = WriteParameters.OpenOrder(made, linkNumber);
        connection.Execute(
            """
            insert into customers (customer_id, email, first_name, last_name, country, phone, created_at)
            values (@CustomerId, @Email, @FirstName, @LastName, @Country, @Phone, @CreatedAt)
            on conflict (email, phone, first_name, last_name, country) where erased_at is null do nothing;

            insert into orders (order_id, order_number, payment_status, total_minor, currency, provider, version, current_attempt_id,
                                customer_id, event, items, created_at, updated_at, expires_at, link_id, link_number)
            select @OrderId, @OrderNumber, @PaymentStatus, @TotalMinor, @Currency, @Provider, @Version, @AttemptId,
                   customer_id, @EventJson, @ItemsJson, @CreatedAt, @UpdatedAt, @ExpiresAt, @LinkId, @LinkNumber
            from customers
            where email = @Email and phone = @Phone and first_name = @FirstName and last_name = @LastName and country = @Country
              and erased_at is null;

            insert into payment_attempts (attempt_id, order_id, number, provider, state, reference, amount_minor, currency, created_at, ask_at)
            values (@AttemptId, @OrderId, @Number, @Provider, @AttemptState, @Reference, @TotalMinor, @Currency, @CreatedAt, @AskAt);

            insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, at)
            values (@EventId, @OrderId, @AttemptId, @Version, null, @PaymentStatus, @AttemptState, @Source, @CreatedAt);

            insert into idempotency_keys (key, body_digest, order_id, created_at)
            select @Key, @BodyDigest, @OrderId, @CreatedAt where @Key is not null
            on conflict (key) do update set body_digest = excluded.body_digest, order_id = excluded.order_id, created_at = excluded.created_at;
            """,
            parameters, transaction);
        return (OpenOutcome.Opened, order);
    }

    public async Task<OpenOutcome> OpenAttemptAsync(
        Order before, Order after, Attempt attempt, OrderEvent orderEvent, PromptLimit limit, CancellationToken cancel)
    {
        try
        {
            return await database.WriteAsync(Open, cancel);
        }
        catch (SqliteException e) when (e.SqliteExtendedErrorCode == UniqueViolation)
        {
            return OpenOutcome.Clash;
        }

        OpenOutcome Open(SqliteConnection connection, SqliteTransaction transaction)
        {
            if (TooManyPrompts(connection, transaction, before.Customer.Phone, limit, attempt.CreatedAt))
            {
                return OpenOutcome.TooManyPrompts;
            }

            if (before.LinkId is not null && FindLinkTerms(connection, transaction, before.OrderId)?.LetsPay(attempt.CreatedAt) is not true)
            {
                return OpenOutcome.Clash;
            }

            var parameters = WriteParameters.OpenAttempt(before, after, attempt, orderEvent);
            var moved = connection.Execute(
                """
                update orders
                set payment_status = @PaymentStatus, reason = null, safe_to_retry = 0, checkout_url = null, current_attempt_id = @AttemptId,
                    version = @Version, updated_at = @UpdatedAt, expires_at = @ExpiresAt
                where order_id = @OrderId and version = @Seen
                """,
                parameters, transaction);
            if (moved == 0)
            {
                return OpenOutcome.Clash;
            }

            connection.Execute(
                """
                insert into payment_attempts (attempt_id, order_id, number, provider, state, reference, amount_minor, currency, created_at, ask_at)
                values (@AttemptId, @OrderId, @Number, @Provider, @AttemptState, @Reference, @TotalMinor, @Currency, @UpdatedAt, @AskAt);

                insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, at)
                values (@EventId, @OrderId, @AttemptId, @Version, @FromStatus, @PaymentStatus, @AttemptState, @Source, @UpdatedAt);
                """,
                parameters, transaction);
            return OpenOutcome.Opened;
        }
    }

    public async Task<Order?> FindOrderAsync(Guid orderId, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return FindOrder(connection, null, orderId.ToString("D"));
    }

    private static Order? FindOrder(SqliteConnection connection, SqliteTransaction? transaction, string orderId) =>
        connection.QuerySingleOrDefault<OrderRow>(
            $"select {OrderRow.Columns} from orders o join customers c using (customer_id) where o.order_id = @OrderId",
            new { OrderId = orderId }, transaction)?.ToOrder();

    public async Task<IReadOnlyList<Attempt>> FindAttemptsAsync(Guid orderId, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        var rows = connection.Query<AttemptRow>(
            $"select {AttemptRow.Columns} from payment_attempts a where a.order_id = @OrderId order by a.number", new { OrderId = orderId });
        return [.. rows.Select(r => r.ToAttempt())];
    }

    public async Task<OrderWithAttempts?> FindWithAttemptsAsync(Guid orderId, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        var rows = connection.Query<OrderRow, AttemptRow, (OrderRow Order, AttemptRow Attempt)>(
            OrderWithAttemptsRows.Sql, static (order, attempt) => (order, attempt), new { OrderId = orderId }, splitOn: "attempt_id");
        return OrderWithAttemptsRows.Read([.. rows]);
    }

    public async Task<LinkTerms?> FindLinkTermsAsync(Guid orderId, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        return FindLinkTerms(connection, null, orderId);
    }

    private static LinkTerms? FindLinkTerms(SqliteConnection connection, SqliteTransaction? transaction, Guid orderId) =>
        connection.QuerySingleOrDefault<LinkTermsRow>(LinkSql.Terms + "where o.order_id = @OrderId", new { OrderId = orderId }, transaction)?.ToTerms();

    // Null where the link has no place.
    private static int? FindPlace(SqliteConnection connection, SqliteTransaction transaction, LinkPlace place, DateTime now) =>
        connection.ExecuteScalar<bool>(
            "select exists (select 1 from payment_links where link_id = @LinkId and state = 'open' and expires_at > @Now)",
            new { place.LinkId, Now = now }, transaction)
            ? connection.ExecuteScalar<int?>(LinkSql.NextNumber, new { place.LinkId }, transaction)
            : null;

    public async Task<IReadOnlyList<Order>> FindNewerAsync(IReadOnlyCollection<AnnouncedVersion> seen, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        var rows = connection.Query<OrderRow>(
            $"""
            select {OrderRow.Columns}
            from json_each(@Seen) s
            join orders o on o.order_id = json_extract(s.value, '$.id') and o.version > json_extract(s.value, '$.version')
            join customers c using (customer_id)
            """,
            new { Seen = AsJson(seen) });
        return [.. rows.Select(r => r.ToOrder())];
    }

    public async Task<IReadOnlyList<Order>> NoteAnnouncedAsync(
        IReadOnlyCollection<AnnouncedVersion> announced, DateTime changedBefore, int limit, CancellationToken cancel)
    {
        if (announced.Count > 0)
        {
            await database.WriteAsync(
                (connection, transaction) => connection.Execute(
                    "update order_events set announced = 1 where order_id = @OrderId and version <= @Version and not announced",
                    announced.Select(a => new { a.OrderId, a.Version }), transaction),
                cancel);
        }

        await using var connection = await database.OpenAsync(cancel);
        var rows = connection.Query<OrderRow>(
            $"""
            with owed as (
                select order_id, at from order_events where not announced and at < @ChangedBefore order by at limit @Limit
            )
            select {OrderRow.Columns} from (select order_id, min(at) as since from owed group by order_id) owed
            join orders o using (order_id) join customers c using (customer_id) order by owed.since
            """,
            new { ChangedBefore = changedBefore, Limit = limit });
        return [.. rows.Select(r => r.ToOrder())];
    }

    public async Task PingAsync(CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        connection.Execute("select 1 from orders limit 1");
    }

    private static bool TooManyPrompts(SqliteConnection connection, SqliteTransaction transaction, string phone, PromptLimit limit, DateTime now) =>
        connection.ExecuteScalar<long>(
            """
            select count(*) from payment_attempts a join orders o using (order_id) join customers c using (customer_id)
            where c.phone = @Phone and a.created_at > @Since
            """,
            new { Phone = phone, Since = now - limit.Window }, transaction) >= limit.Prompts;

    private static string AsJson(IEnumerable<AnnouncedVersion> versions) =>
        "[" + string.Join(',', versions.Select(v => FormattableString.Invariant($"{{\"id\":\"{v.OrderId:D}\",\"version\":{v.Version}}}"))) + "]";
}
