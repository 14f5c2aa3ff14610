using Dapper;
using LongPoll.Server.Payments;
using Microsoft.Data.Sqlite;

namespace LongPoll.Server.Storage.Sqlite;

internal sealed partial class SqliteOrderStore
{
    public async Task<IReadOnlyList<SettlementFacts>> FindFactsAsync(IReadOnlyList<PaymentReport> reports, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);

        // One snapshot for all of the reads: an order of now beside its attempt of before would be decided wrongly,
        // and its version would not give that away.
        await using var transaction = connection.BeginTransaction(deferred: true);
        return [.. reports.Select(report => FindFacts(connection, transaction, report))];
    }

    private static SettlementFacts FindFacts(SqliteConnection connection, SqliteTransaction transaction, PaymentReport report)
    {
        var clues = new
        {
            report.Provider,
            report.Clues.AttemptId,
            report.Clues.Reference,
            report.Clues.CheckoutDigest,
            report.Clues.ProviderReference,
            report.TransactionId,

            // News of a refund names the money, and often nothing else.
            LaterTransactionId = report.Refund is null ? null : report.TransactionId,
        };

        // The surest clue first.
        var hits = connection.Query<AttemptRow>(
            $"""
            select {AttemptRow.Columns} from payment_attempts a
            where a.provider = @Provider and (a.attempt_id = @AttemptId or a.reference = @Reference
                or a.checkout_digest = @CheckoutDigest or a.provider_reference = @ProviderReference
                or a.attempt_id = (select p.attempt_id from payments p where p.provider = @Provider and p.transaction_id = @LaterTransactionId))
            order by case when a.attempt_id = @AttemptId then 1 when a.reference = @Reference then 2
                          when a.checkout_digest = @CheckoutDigest then 3 else 4 end
            """,
            clues, transaction).ToList();
        if (hits.Count == 0)
        {
            return SettlementFacts.Nothing;
        }

        var taken = connection.QueryFirstOrDefault<FactRow>(
            """
            select 1 as taken, order_id as taken_by_order_id, 0 as taken_in_inbox, 0 as taken_decided from payments
            where provider = @Provider and transaction_id = @TransactionId
            union all
            select 1, order_id, 1, state <> 'open' from money_inbox where provider = @Provider and transaction_id = @TransactionId
            limit 1
            """,
            clues, transaction);
        var siblings = connection.Query<AttemptRow>(
            $"select {AttemptRow.Columns} from payment_attempts a where a.order_id = @OrderId order by a.number",
            new { hits[0].OrderId }, transaction);
        var order = FindOrder(connection, transaction, hits[0].OrderId.ToString("D"));
        return new SettlementFacts(
            order,
            hits[0].ToAttempt(),
            hits.DistinctBy(h => h.AttemptId).Count() > 1,
            [.. siblings.Select(s => s.ToAttempt())],
            taken?.ToTaken())
        {
            Link = order?.LinkId is null ? null : FindLinkTerms(connection, transaction, order.OrderId),
            Refunds = report.Refund is null
                ? []
                : [.. connection.Query<RefundRow>($"select {RefundRow.Columns} from refunds where order_id = @OrderId or (provider = @Provider and refund_id = @RefundId)", new { hits[0].OrderId, report.Provider, report.Refund.RefundId }, transaction).Select(r => r.ToRefund())],
        };
    }

    public async Task<IReadOnlyList<CommitOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancel)
    {
        // Each settlement is a commit of its own: SQLite has one writer, so there is nothing to gain from joining them.
        var outcomes = new List<CommitOutcome>(settlements.Count);
        foreach (var settlement in settlements)
        {
            var line = SettlementLine.Of(settlement, n: 0);
            try
            {
                outcomes.Add(await database.WriteAsync((connection, transaction) => Settle(connection, transaction, line), cancel));
            }
            catch (SqliteException e) when (e.SqliteExtendedErrorCode == UniqueViolation)
            {
                outcomes.Add(CommitOutcome.Stale);
            }
        }

        return outcomes;
    }

    private static CommitOutcome Settle(SqliteConnection connection, SqliteTransaction transaction, SettlementLine line)
    {
        int Run(string sql) => connection.Execute(sql, line, transaction);

        if (line.Moves)
        {
            // What was decided without a look at the money inbox must not book money that lies there; a person may, with a reason.
            var moved = Run(
                """
                update orders
                set payment_status = @PaymentStatus, receipt = @Receipt, reason = @Reason, safe_to_retry = @SafeToRetry,
                    booking_reference = @BookingReference, fulfilment = @Fulfilment, checkout_url = @CheckoutUrl, refunded_minor = @RefundedMinor,
                    version = @Version, updated_at = @UpdatedAt
                where order_id = @OrderId and version = @Seen and (@DecisionReason is not null or not exists (
                    select 1 from money_inbox where provider = @Provider and transaction_id = @PaidTransactionId))
                """);
            if (moved == 0)
            {
                return CommitOutcome.Stale;
            }

            Run(
                """
                update payment_attempts
                set state = @AttemptState, transaction_id = @TransactionId, disputed = @Disputed, result_code = @ResultCode,
                    ended_at = @EndedAt, provider_reference = coalesce(provider_reference, @ProviderReference),
                    checkout_digest = coalesce(checkout_digest, @CheckoutDigest)
                where attempt_id = @AttemptId;

                insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, code, at)
                values (@EventId, @OrderId, @AttemptId, @Version, @FromStatus, @PaymentStatus, @AttemptState, @Source, @Code, @At);
                """);
        }

        if (line.Learns)
        {
            Run(
                """
                update payment_attempts
                set provider_reference = coalesce(provider_reference, @ProviderReference), checkout_digest = coalesce(checkout_digest, @CheckoutDigest)
                where attempt_id = @AttemptId
                """);
        }

        Run(
            """
            insert into payments (payment_id, order_id, attempt_id, provider, transaction_id, amount_minor, currency, received_at, link_id)
            select @PaymentId, @OrderId, @AttemptId, @Provider, @PaidTransactionId, @AmountMinor, @Currency, @At, @LinkId where @PaymentId is not null;

            insert into bookings (booking_id, order_id, provider, transaction_id, booking_reference, created_at)
            select @BookingId, @OrderId, @Provider, @PaidTransactionId, @BookingReference, @At where @BookingId is not null;

            insert into money_inbox (entry_id, order_id, attempt_id, provider, transaction_id, amount_minor, currency, problem, received_at)
            select @InboxId, @OrderId, @AttemptId, @Provider, @InboxTransactionId, @InboxAmountMinor, @InboxCurrency, @Problem, @At
            where @InboxId is not null
            on conflict (provider, transaction_id) do nothing;

            insert into refunds (provider, refund_id, order_id, attempt_id, amount_minor, currency, in_all, reason, at)
            select @Provider, @RefundId, @OrderId, @AttemptId, @RefundMinor, @RefundCurrency, @RefundInAll, @DecisionReason, @At
            where @RefundId is not null;

            update tickets set voided_at = @At
            where @RefundId is not null and order_id = @OrderId and admitted_at is null and voided_at is null
              and @RefundedMinor >= (select amount_minor from payments where order_id = @OrderId);

            update money_inbox set state = 'attached', reason = @DecisionReason, decided_at = @At
            where @DecisionReason is not null and @PaymentId is not null and provider = @Provider and transaction_id = @PaidTransactionId;

            insert into callbacks (callback_id, provider, received_at, body, result, order_id, attempt_id, reference, checkout_digest, provider_reference, transaction_id)
            select @CallbackId, @Provider, @ReceivedAt, @Body, @Result, @OrderId, @AttemptId, @ClueReference, @ClueCheckoutDigest, @ClueProviderReference,
                   @ClueTransactionId
            where @CallbackId is not null
            on conflict (callback_id) do update set result = excluded.result, order_id = excluded.order_id, attempt_id = excluded.attempt_id;
            """);
        connection.Execute(
            """
            insert into outbox (message_id, kind, key, order_id, subject_id, created_at, due_at)
            values (@MessageId, @Kind, @Key, @OrderId, @SubjectId, @CreatedAt, @DueAt)
            on conflict (key) where done_at is null and buried_at is null do nothing
            """,
            line.Messages, transaction);
        return CommitOutcome.Committed;
    }

    public Task KeepCallbackAsync(RawCallback raw, string result, CancellationToken cancel) =>
        database.WriteAsync(
            (connection, transaction) => connection.Execute(
                "insert into callbacks (callback_id, provider, received_at, body, result) values (@CallbackId, @Provider, @ReceivedAt, @Body, @Result)",
                new { raw.CallbackId, raw.Provider, raw.ReceivedAt, Body = raw.Body.ToArray(), Result = result }, transaction),
            cancel);

    public Task<bool> CloseCallbackAsync(Guid callbackId, string result, MoneyInboxEntry? entry, CancellationToken cancel)
    {
        var parameters = WriteParameters.CloseCallback(callbackId, result, entry);
        return database.WriteAsync(
            (connection, transaction) =>
                connection.Execute(
                    $"""
                    update callbacks set result = case when {Booked} then 'duplicate' else @Result end
                    where callback_id = @CallbackId and result = 'unmatched'
                    """,
                    parameters, transaction) == 1
                && connection.Execute(
                    $"""
                    insert into money_inbox (entry_id, provider, transaction_id, amount_minor, currency, problem, received_at)
                    select @EntryId, @Provider, @TransactionId, @AmountMinor, @Currency, @Problem, @ReceivedAt
                    where @EntryId is not null and not {Booked}
                    on conflict (provider, transaction_id) do nothing
                    """,
                    parameters, transaction) == 1,
            cancel);
    }

    private const string Booked = "exists (select 1 from payments where provider = @Provider and transaction_id = @TransactionId)";

    public async Task<IReadOnlyList<RawCallback>> FindRipeCallbacksAsync(DateTime since, int limit, CancellationToken cancel)
    {
        await using var connection = await database.OpenAsync(cancel);
        var rows = connection.Query<CallbackRow>(CallbackRow.Ripe, new { Since = since, Limit = limit });
        return [.. rows.Select(r => r.ToRawCallback())];
    }
}
