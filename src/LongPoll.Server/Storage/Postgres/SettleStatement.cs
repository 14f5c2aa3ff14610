using LongPoll.Server.Outbox;
using Npgsql;
using NpgsqlTypes;

namespace LongPoll.Server.Storage.Postgres;

/// <summary>
/// The one statement that writes settlements, one or many: one round trip, one commit. Without Dapper and with arrays for
/// parameters, because every payment of the house goes through it.
/// </summary>
internal static class SettleStatement
{
    private static readonly Column[] Columns =
    [
        new Column<int>("n", NpgsqlDbType.Integer, static l => l.N),
        new Column<bool>("moves", NpgsqlDbType.Boolean, static l => l.Moves),
        new Column<bool>("learns", NpgsqlDbType.Boolean, static l => l.Learns),
        new Column<string>("provider", NpgsqlDbType.Text, static l => l.Provider),
        new Column<DateTime?>("at", NpgsqlDbType.TimestampTz, static l => l.At),
        new Column<Guid?>("order_id", NpgsqlDbType.Uuid, static l => l.OrderId),
        new Column<long?>("seen", NpgsqlDbType.Bigint, static l => l.Seen),
        new Column<long?>("version", NpgsqlDbType.Bigint, static l => l.Version),
        new Column<string?>("from_status", NpgsqlDbType.Text, static l => l.FromStatus),
        new Column<string?>("payment_status", NpgsqlDbType.Text, static l => l.PaymentStatus),
        new Column<string?>("receipt", NpgsqlDbType.Text, static l => l.Receipt),
        new Column<string?>("reason", NpgsqlDbType.Text, static l => l.Reason),
        new Column<bool?>("safe_to_retry", NpgsqlDbType.Boolean, static l => l.SafeToRetry),
        new Column<string?>("booking_reference", NpgsqlDbType.Text, static l => l.BookingReference),
        new Column<string?>("fulfilment", NpgsqlDbType.Text, static l => l.Fulfilment),
        new Column<DateTime?>("updated_at", NpgsqlDbType.TimestampTz, static l => l.UpdatedAt),
        new Column<Guid?>("attempt_id", NpgsqlDbType.Uuid, static l => l.AttemptId),
        new Column<string?>("attempt_state", NpgsqlDbType.Text, static l => l.AttemptState),
        new Column<string?>("provider_reference", NpgsqlDbType.Text, static l => l.ProviderReference),
        new Column<string?>("checkout_digest", NpgsqlDbType.Text, static l => l.CheckoutDigest),
        new Column<string?>("transaction_id", NpgsqlDbType.Text, static l => l.TransactionId),
        new Column<bool?>("disputed", NpgsqlDbType.Boolean, static l => l.Disputed),
        new Column<string?>("result_code", NpgsqlDbType.Text, static l => l.ResultCode),
        new Column<DateTime?>("ended_at", NpgsqlDbType.TimestampTz, static l => l.EndedAt),
        new Column<Guid?>("event_id", NpgsqlDbType.Uuid, static l => l.EventId),
        new Column<string?>("source", NpgsqlDbType.Text, static l => l.Source),
        new Column<string?>("code", NpgsqlDbType.Text, static l => l.Code),
        new Column<Guid?>("payment_id", NpgsqlDbType.Uuid, static l => l.PaymentId),
        new Column<Guid?>("booking_id", NpgsqlDbType.Uuid, static l => l.BookingId),
        new Column<string?>("paid_transaction_id", NpgsqlDbType.Text, static l => l.PaidTransactionId),
        new Column<long?>("amount_minor", NpgsqlDbType.Bigint, static l => l.AmountMinor),
        new Column<string?>("currency", NpgsqlDbType.Text, static l => l.Currency),
        new Column<Guid?>("inbox_id", NpgsqlDbType.Uuid, static l => l.InboxId),
        new Column<string?>("inbox_transaction_id", NpgsqlDbType.Text, static l => l.InboxTransactionId),
        new Column<long?>("inbox_amount_minor", NpgsqlDbType.Bigint, static l => l.InboxAmountMinor),
        new Column<string?>("inbox_currency", NpgsqlDbType.Text, static l => l.InboxCurrency),
        new Column<string?>("problem", NpgsqlDbType.Text, static l => l.Problem),
        new Column<string?>("decision_reason", NpgsqlDbType.Text, static l => l.DecisionReason),
        new Column<Guid?>("callback_id", NpgsqlDbType.Uuid, static l => l.CallbackId),
        new Column<DateTime?>("received_at", NpgsqlDbType.TimestampTz, static l => l.ReceivedAt),
        new Column<byte[]?>("body", NpgsqlDbType.Bytea, static l => l.Body),
        new Column<string>("result", NpgsqlDbType.Text, static l => l.Result),
        new Column<string?>("clue_reference", NpgsqlDbType.Text, static l => l.ClueReference),
        new Column<string?>("clue_checkout_digest", NpgsqlDbType.Text, static l => l.ClueCheckoutDigest),
        new Column<string?>("clue_provider_reference", NpgsqlDbType.Text, static l => l.ClueProviderReference),
    ];

    private static readonly NpgsqlDbType[] PromiseTypes =
    [
        NpgsqlDbType.Integer, NpgsqlDbType.Uuid, NpgsqlDbType.Text, NpgsqlDbType.Text,
        NpgsqlDbType.Uuid, NpgsqlDbType.Uuid, NpgsqlDbType.TimestampTz, NpgsqlDbType.TimestampTz,
    ];

    // What a payment on a phone never has: one array more in every settlement would cost it something.
    private static readonly Column[] SeldomColumns =
    [
        new Column<string?>("checkout_url", NpgsqlDbType.Text, static l => l.CheckoutUrl),
        new Column<long?>("refunded_minor", NpgsqlDbType.Bigint, static l => l.RefundedMinor),
        new Column<string?>("refund_id", NpgsqlDbType.Text, static l => l.RefundId),
        new Column<long?>("refund_minor", NpgsqlDbType.Bigint, static l => l.RefundMinor),
        new Column<string?>("refund_currency", NpgsqlDbType.Text, static l => l.RefundCurrency),
        new Column<bool?>("refund_in_all", NpgsqlDbType.Boolean, static l => l.RefundInAll),
        new Column<string?>("clue_transaction_id", NpgsqlDbType.Text, static l => l.ClueTransactionId),
        new Column<Guid?>("link_id", NpgsqlDbType.Uuid, static l => l.LinkId),
    ];

    private static readonly Column[] AllColumns = [.. Columns, .. SeldomColumns];

    private static readonly string Usual = Sql(Columns);
    private static readonly string Promising = Sql(Columns, more: Promises(Columns));
    private static readonly string Whole = Sql(
        AllColumns,
        orderSeldom: "checkout_url = l.checkout_url, refunded_minor = l.refunded_minor,",
        paymentSeldom: ", link_id",
        callbackSeldom: (", transaction_id", ", clue_transaction_id"),
        more: Rare + Promises(AllColumns));

    /// <summary>Binds the lines to a command; the ids of those that were written are its rows.</summary>
    public static NpgsqlCommand Bind(NpgsqlConnection connection, SettlementLine[] lines)
    {
        var command = connection.CreateCommand();
        var whole = Array.Exists(lines, static l => l.Seldom || l.Learns || l.InboxId is not null || l.DecisionReason is not null);
        command.CommandText = whole ? Whole : Array.Exists(lines, static l => l.Messages.Count > 0) ? Promising : Usual;
        foreach (var column in whole ? AllColumns : Columns)
        {
            command.Parameters.Add(column.Of(lines));
        }

        if (!ReferenceEquals(command.CommandText, Usual))
        {
            (int N, OutboxMessage Message)[] messages = [.. lines.SelectMany(static l => l.Messages.Select(m => (l.N, m)))];
            command.Parameters.Add(Parameter(NpgsqlDbType.Integer, Array.ConvertAll(messages, static m => m.N)));
            command.Parameters.Add(Parameter(NpgsqlDbType.Uuid, Array.ConvertAll(messages, static m => m.Message.MessageId)));
            command.Parameters.Add(Parameter(NpgsqlDbType.Text, Array.ConvertAll(messages, static m => m.Message.Kind)));
            command.Parameters.Add(Parameter(NpgsqlDbType.Text, Array.ConvertAll(messages, static m => m.Message.Key)));
            command.Parameters.Add(Parameter(NpgsqlDbType.Uuid, Array.ConvertAll(messages, static m => m.Message.OrderId)));
            command.Parameters.Add(Parameter(NpgsqlDbType.Uuid, Array.ConvertAll(messages, static m => m.Message.SubjectId)));
            command.Parameters.Add(Parameter(NpgsqlDbType.TimestampTz, Array.ConvertAll(messages, static m => m.Message.CreatedAt)));
            command.Parameters.Add(Parameter(NpgsqlDbType.TimestampTz, Array.ConvertAll(messages, static m => m.Message.DueAt)));
        }

        return command;
    }

    // Everything hangs on `moved`: an order that changed since it was read takes nothing along.
    private static string Sql(
        Column[] columns, string orderSeldom = "", string paymentSeldom = "", (string Column, string Value) callbackSeldom = default, string more = "") => $"""
        with line as materialized (
            select * from unnest({string.Join(", ", columns.Select(static (c, n) => Placeholder(n + 1, c.Type)))})
                as l({string.Join(", ", columns.Select(static c => c.Name))})
        ), moved as (
            update orders o
            set payment_status = l.payment_status, receipt = l.receipt, reason = l.reason, safe_to_retry = l.safe_to_retry,
                booking_reference = l.booking_reference, fulfilment = l.fulfilment, {orderSeldom} version = l.version, announced_version = l.version, updated_at = l.updated_at
            from line l
            where l.moves and o.order_id = l.order_id and o.version = l.seen and {MoneyIsNowhereElse}
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
    private const string MoneyIsNowhereElse = """
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

    private static string Promises(Column[] columns) => $"""
        , promise as (
            insert into outbox (message_id, kind, key, order_id, subject_id, created_at, due_at)
            select m.message_id, m.kind, m.key, m.order_id, m.subject_id, m.created_at, m.due_at
            from unnest({string.Join(", ", PromiseTypes.Select((type, n) => Placeholder(columns.Length + n + 1, type)))})
                as m(n, message_id, kind, key, order_id, subject_id, created_at, due_at)
            where m.n in (select n from good)
            on conflict (key) where done_at is null and buried_at is null do nothing
        )
        """;

    private static NpgsqlParameter<T[]> Parameter<T>(NpgsqlDbType type, T[] values) => new() { NpgsqlDbType = NpgsqlDbType.Array | type, TypedValue = values };

    // With its type, so that the statement as PostgreSQL logs it can be executed again: by psql, and by the load tests' raw floor.
    private static string Placeholder(int number, NpgsqlDbType type) => $"${number}::{type.ToString().ToLowerInvariant()}[]";

    private abstract record Column(string Name, NpgsqlDbType Type)
    {
        public abstract NpgsqlParameter Of(SettlementLine[] lines);
    }

    private sealed record Column<T>(string Name, NpgsqlDbType Type, Converter<SettlementLine, T> Value) : Column(Name, Type)
    {
        public override NpgsqlParameter Of(SettlementLine[] lines) => Parameter(Type, Array.ConvertAll(lines, Value));
    }
}
