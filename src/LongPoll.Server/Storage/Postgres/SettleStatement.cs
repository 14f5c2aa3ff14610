using LongPoll.Server.Outbox;
using Npgsql;
using NpgsqlTypes;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>
/// The one statement that writes settlements, one or many: one round trip, one commit. Without Dapper and with one parameter
/// for each column, a value or an array, because every payment of the house goes through it.
/// </summary>
internal static class SettleStatement
{
    private static readonly Column<SettlementLine>[] Columns =
    [
        Line<int>("n", NpgsqlDbType.Integer, static l => l.N),
        Line<bool>("moves", NpgsqlDbType.Boolean, static l => l.Moves),
        Line<bool>("learns", NpgsqlDbType.Boolean, static l => l.Learns),
        Line<string>("provider", NpgsqlDbType.Text, static l => l.Provider),
        Line<DateTime?>("at", NpgsqlDbType.TimestampTz, static l => l.At),
        Line<Guid?>("order_id", NpgsqlDbType.Uuid, static l => l.OrderId),
        Line<long?>("seen", NpgsqlDbType.Bigint, static l => l.Seen),
        Line<long?>("version", NpgsqlDbType.Bigint, static l => l.Version),
        Line<string?>("from_status", NpgsqlDbType.Text, static l => l.FromStatus),
        Line<string?>("payment_status", NpgsqlDbType.Text, static l => l.PaymentStatus),
        Line<string?>("receipt", NpgsqlDbType.Text, static l => l.Receipt),
        Line<string?>("reason", NpgsqlDbType.Text, static l => l.Reason),
        Line<bool?>("safe_to_retry", NpgsqlDbType.Boolean, static l => l.SafeToRetry),
        Line<string?>("booking_reference", NpgsqlDbType.Text, static l => l.BookingReference),
        Line<string?>("fulfilment", NpgsqlDbType.Text, static l => l.Fulfilment),
        Line<DateTime?>("updated_at", NpgsqlDbType.TimestampTz, static l => l.UpdatedAt),
        Line<Guid?>("attempt_id", NpgsqlDbType.Uuid, static l => l.AttemptId),
        Line<string?>("attempt_state", NpgsqlDbType.Text, static l => l.AttemptState),
        Line<string?>("provider_reference", NpgsqlDbType.Text, static l => l.ProviderReference),
        Line<string?>("checkout_digest", NpgsqlDbType.Text, static l => l.CheckoutDigest),
        Line<string?>("transaction_id", NpgsqlDbType.Text, static l => l.TransactionId),
        Line<bool?>("disputed", NpgsqlDbType.Boolean, static l => l.Disputed),
        Line<string?>("result_code", NpgsqlDbType.Text, static l => l.ResultCode),
        Line<DateTime?>("ended_at", NpgsqlDbType.TimestampTz, static l => l.EndedAt),
        Line<Guid?>("event_id", NpgsqlDbType.Uuid, static l => l.EventId),
        Line<string?>("source", NpgsqlDbType.Text, static l => l.Source),
        Line<string?>("code", NpgsqlDbType.Text, static l => l.Code),
        Line<Guid?>("payment_id", NpgsqlDbType.Uuid, static l => l.PaymentId),
        Line<Guid?>("booking_id", NpgsqlDbType.Uuid, static l => l.BookingId),
        Line<string?>("paid_transaction_id", NpgsqlDbType.Text, static l => l.PaidTransactionId),
        Line<long?>("amount_minor", NpgsqlDbType.Bigint, static l => l.AmountMinor),
        Line<string?>("currency", NpgsqlDbType.Text, static l => l.Currency),
        Line<Guid?>("inbox_id", NpgsqlDbType.Uuid, static l => l.InboxId),
        Line<string?>("inbox_transaction_id", NpgsqlDbType.Text, static l => l.InboxTransactionId),
        Line<long?>("inbox_amount_minor", NpgsqlDbType.Bigint, static l => l.InboxAmountMinor),
        Line<string?>("inbox_currency", NpgsqlDbType.Text, static l => l.InboxCurrency),
        Line<string?>("problem", NpgsqlDbType.Text, static l => l.Problem),
        Line<string?>("decision_reason", NpgsqlDbType.Text, static l => l.DecisionReason),
        Line<Guid?>("callback_id", NpgsqlDbType.Uuid, static l => l.CallbackId),
        Line<DateTime?>("received_at", NpgsqlDbType.TimestampTz, static l => l.ReceivedAt),
        Line<byte[]?>("body", NpgsqlDbType.Bytea, static l => l.Body),
        Line<string>("result", NpgsqlDbType.Text, static l => l.Result),
        Line<string?>("clue_reference", NpgsqlDbType.Text, static l => l.ClueReference),
        Line<string?>("clue_checkout_digest", NpgsqlDbType.Text, static l => l.ClueCheckoutDigest),
        Line<string?>("clue_provider_reference", NpgsqlDbType.Text, static l => l.ClueProviderReference),
    ];

    private static readonly Column<LinePromise>[] PromiseColumns =
    [
        Promise<int>("n", NpgsqlDbType.Integer, static m => m.N),
        Promise<Guid>("message_id", NpgsqlDbType.Uuid, static m => m.Message.MessageId),
        Promise<string>("kind", NpgsqlDbType.Text, static m => m.Message.Kind),
        Promise<string>("key", NpgsqlDbType.Text, static m => m.Message.Key),
        Promise<Guid>("order_id", NpgsqlDbType.Uuid, static m => m.Message.OrderId),
        Promise<Guid>("subject_id", NpgsqlDbType.Uuid, static m => m.Message.SubjectId),
        Promise<DateTime>("created_at", NpgsqlDbType.TimestampTz, static m => m.Message.CreatedAt),
        Promise<DateTime>("due_at", NpgsqlDbType.TimestampTz, static m => m.Message.DueAt),
    ];

    // What a payment on a phone never has: one parameter more in every settlement would cost it something.
    private static readonly Column<SettlementLine>[] SeldomColumns =
    [
        Line<string?>("checkout_url", NpgsqlDbType.Text, static l => l.CheckoutUrl),
        Line<long?>("refunded_minor", NpgsqlDbType.Bigint, static l => l.RefundedMinor),
        Line<string?>("refund_id", NpgsqlDbType.Text, static l => l.RefundId),
        Line<long?>("refund_minor", NpgsqlDbType.Bigint, static l => l.RefundMinor),
        Line<string?>("refund_currency", NpgsqlDbType.Text, static l => l.RefundCurrency),
        Line<bool?>("refund_in_all", NpgsqlDbType.Boolean, static l => l.RefundInAll),
        Line<string?>("clue_transaction_id", NpgsqlDbType.Text, static l => l.ClueTransactionId),
        Line<Guid?>("link_id", NpgsqlDbType.Uuid, static l => l.LinkId),
    ];

    private static readonly Column<SettlementLine>[] AllColumns = [.. Columns, .. SeldomColumns];

    // One line stands in the statement as it is, and PostgreSQL reads no arrays and joins nothing for it; many are rows.
    private static readonly string UsualOne = Sql(Columns, one: true);
    private static readonly string PromisingOne = Sql(Columns, one: true, more: Promises(Columns, one: true));
    private static readonly string Usual = Sql(Columns, one: false);
    private static readonly string Promising = Sql(Columns, one: false, more: Promises(Columns, one: false));
    private static readonly string Whole = Sql(
        AllColumns,
        one: false,
        orderSeldom: "checkout_url = l.checkout_url, refunded_minor = l.refunded_minor,",
        paymentSeldom: ", link_id",
        callbackSeldom: (", transaction_id", ", clue_transaction_id"),
        more: Rare + Promises(AllColumns, one: false));

    /// <summary>Binds the lines to a command; the ids of those that were written are its rows.</summary>
    public static NpgsqlCommand Bind(NpgsqlConnection connection, SettlementLine[] lines)
    {
        var whole = Array.Exists(lines, static l => l.Seldom || l.Learns || l.InboxId is not null || l.DecisionReason is not null);
        LinePromise[] promises = [.. lines.SelectMany(static l => l.Messages.Select(m => new LinePromise(l.N, m)))];
        var command = connection.CreateCommand();
        if (!whole && lines.Length == 1 && promises.Length <= 1)
        {
            command.CommandText = promises.Length == 0 ? UsualOne : PromisingOne;
            command.Parameters.AddRange(Array.ConvertAll(Columns, column => column.Of(lines[0])));
            command.Parameters.AddRange(promises.Length == 0 ? [] : Array.ConvertAll(PromiseColumns, column => column.Of(promises[0])));
            return command;
        }

        command.CommandText = whole ? Whole : promises.Length == 0 ? Usual : Promising;
        command.Parameters.AddRange(Array.ConvertAll(whole ? AllColumns : Columns, column => column.Of(lines)));
        command.Parameters.AddRange(whole || promises.Length > 0 ? Array.ConvertAll(PromiseColumns, column => column.Of(promises)) : []);
        return command;
    }

    // Everything hangs on `moved`: an order that changed since it was read takes nothing along.
    private static string Sql(
        Column<SettlementLine>[] columns, bool one, string orderSeldom = "", string paymentSeldom = "", (string Column, string Value) callbackSeldom = default, string more = "") => $"""
        with line as {(one ? "not materialized" : "materialized")} (
            {Rows(columns, one, first: 1)}
        ), moved as (
            update orders o
            set payment_status = l.payment_status, receipt = l.receipt, reason = l.reason, safe_to_retry = l.safe_to_retry,
                booking_reference = l.booking_reference, fulfilment = l.fulfilment, {orderSeldom} version = l.version, announced_version = l.version, updated_at = l.updated_at
            from line l
            where l.moves and o.order_id = l.order_id and o.version = l.seen and {MoneyIsNotInTheInbox}
            returning l.*
        ), good as (
            select * from moved union all select * from line where not moves
        ), attempt as (
            update payment_attempts a
            set state = l.attempt_state, transaction_id = l.transaction_id, disputed = l.disputed, result_code = l.result_code,
                ended_at = l.ended_at, provider_reference = coalesce(a.provider_reference, l.provider_reference),
                checkout_digest = coalesce(a.checkout_digest, l.checkout_digest)
            from moved l
            where a.attempt_id = l.attempt_id
        ), event as (
            insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, code, at)
            select event_id, order_id, attempt_id, version, from_status, payment_status, attempt_state, source, code, at from moved
        ), payment as (
            insert into payments (payment_id, order_id, attempt_id, provider, transaction_id, amount_minor, currency, received_at{paymentSeldom})
            select payment_id, order_id, attempt_id, provider, paid_transaction_id, amount_minor, currency, at{paymentSeldom}
            from moved where payment_id is not null
        ), booking as (
            insert into bookings (booking_id, order_id, provider, transaction_id, booking_reference, created_at)
            select booking_id, order_id, provider, paid_transaction_id, booking_reference, at
            from moved where booking_id is not null
        ), callback as (
            insert into callbacks (callback_id, provider, received_at, body, result, order_id, attempt_id, reference, checkout_digest, provider_reference{callbackSeldom.Column})
            select callback_id, provider, received_at, body, result, order_id, attempt_id,
                   clue_reference, clue_checkout_digest, clue_provider_reference{callbackSeldom.Value}
            from good where callback_id is not null
            on conflict (callback_id) do update set result = excluded.result, order_id = excluded.order_id, attempt_id = excluded.attempt_id
        ){more}
        select n from good
        """;

    // What was decided without a look at the money inbox must not book money that lies there; a person may, with a reason. Not as
    // "not exists": PostgreSQL would read the whole inbox for it rather than ask its index.
    private const string MoneyIsNotInTheInbox = """
        coalesce((select l.decision_reason is not null from money_inbox m
                  where m.provider = l.provider and m.transaction_id = l.paid_transaction_id limit 1), true)
        """;

    // Seldom needed, and each costs something even where it finds nothing to do.
    private const string Rare = """
        , learnt as (
            update payment_attempts a
            set provider_reference = coalesce(a.provider_reference, l.provider_reference),
                checkout_digest = coalesce(a.checkout_digest, l.checkout_digest)
            from line l
            where l.learns and a.attempt_id = l.attempt_id
        ), inbox as (
            insert into money_inbox (entry_id, order_id, attempt_id, provider, transaction_id, amount_minor, currency, problem, received_at)
            select inbox_id, order_id, attempt_id, provider, inbox_transaction_id, inbox_amount_minor, inbox_currency, problem, at
            from good where inbox_id is not null
            on conflict (provider, transaction_id) do nothing
        ), attached as (
            update money_inbox m set state = 'attached', reason = l.decision_reason, decided_at = l.at
            from moved l
            where l.decision_reason is not null and l.payment_id is not null
              and m.provider = l.provider and m.transaction_id = l.paid_transaction_id
        ), refund as (
            insert into refunds (provider, refund_id, order_id, attempt_id, amount_minor, currency, in_all, reason, at)
            select provider, refund_id, order_id, attempt_id, refund_minor, refund_currency, refund_in_all, decision_reason, at
            from moved where refund_id is not null
        ), voided as (
            update tickets t set voided_at = l.at
            from moved l
            where l.refund_id is not null and t.order_id = l.order_id and t.admitted_at is null and t.voided_at is null
              and l.refunded_minor >= (select p.amount_minor from payments p where p.order_id = l.order_id)
        )
        """;

    private static string Promises(Column<SettlementLine>[] columns, bool one) => $"""
        , promise as (
            insert into outbox (message_id, kind, key, order_id, subject_id, created_at, due_at)
            select m.message_id, m.kind, m.key, m.order_id, m.subject_id, m.created_at, m.due_at
            from ({Rows(PromiseColumns, one, first: columns.Length + 1)}) m
            where m.n in (select n from good)
            on conflict (key) where done_at is null and buried_at is null do nothing
        )
        """;

    // With its type, so that the statement as PostgreSQL logs it can be executed again: by psql, and by the load tests' raw floor.
    private static string Rows<TRow>(Column<TRow>[] columns, bool one, int first) => one
        ? "select " + string.Join(", ", columns.Select((c, n) => $"${first + n}::{c.SqlType} as {c.Name}"))
        : $"select * from unnest({string.Join(", ", columns.Select((c, n) => $"${first + n}::{c.SqlType}[]"))}) as l({string.Join(", ", columns.Select(static c => c.Name))})";

    private static Column<SettlementLine, T> Line<T>(string name, NpgsqlDbType type, Converter<SettlementLine, T> value) => new(name, type, value);

    private static Column<LinePromise, T> Promise<T>(string name, NpgsqlDbType type, Converter<LinePromise, T> value) => new(name, type, value);

    private readonly record struct LinePromise(int N, OutboxMessage Message);

    private abstract record Column<TRow>(string Name, NpgsqlDbType Type)
    {
        public string SqlType => Type.ToString().ToLowerInvariant();

        public abstract NpgsqlParameter Of(TRow row);

        public abstract NpgsqlParameter Of(TRow[] rows);
    }

    private sealed record Column<TRow, T>(string Name, NpgsqlDbType Type, Converter<TRow, T> Value) : Column<TRow>(Name, Type)
    {
        public override NpgsqlParameter Of(TRow row) => new NpgsqlParameter<T> { NpgsqlDbType = Type, TypedValue = Value(row) };

        public override NpgsqlParameter Of(TRow[] rows) =>
            new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | Type, TypedValue = Array.ConvertAll(rows, Value) };
    }
}
