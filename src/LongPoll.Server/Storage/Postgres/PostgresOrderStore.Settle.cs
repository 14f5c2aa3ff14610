using System.Text.Json;
using Dapper;
using LongPoll.Server.Payments;
using Npgsql;

namespace LongPoll.Server.Storage.Postgres;

internal sealed partial class PostgresOrderStore
{
    public async Task<IReadOnlyList<SettlementFacts>> FindFactsAsync(IReadOnlyList<PaymentReport> reports, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<FactRow, OrderRow?, AttemptRow?, (FactRow Fact, OrderRow? Order, AttemptRow? Attempt)>(
            Command(
                $"""
                with clue as (
                    select * from unnest(@Numbers::int[], @Providers::text[], @AttemptIds::uuid[], @References::text[], @Digests::text[],
                                         @ProviderReferences::text[], @TransactionIds::text[])
                        as c(n, provider, attempt_id, reference, checkout_digest, provider_reference, transaction_id)
                ), hit as (
                    select c.n, a.attempt_id, a.order_id, 1 as sureness from clue c join payment_attempts a
                        on a.provider = c.provider and a.attempt_id = c.attempt_id
                    union all
                    select c.n, a.attempt_id, a.order_id, 2 from clue c join payment_attempts a
                        on a.provider = c.provider and a.reference = c.reference
                    union all
                    select c.n, a.attempt_id, a.order_id, 3 from clue c join payment_attempts a
                        on a.provider = c.provider and a.checkout_digest = c.checkout_digest
                    union all
                    select c.n, a.attempt_id, a.order_id, 4 from clue c join payment_attempts a
                        on a.provider = c.provider and a.provider_reference = c.provider_reference
                ), best as (
                    select n, (array_agg(attempt_id order by sureness))[1] as attempt_id, (array_agg(order_id order by sureness))[1] as order_id,
                           count(distinct attempt_id) > 1 as disagree
                    from hit group by n
                )
                select clue.n, best.attempt_id as matched_attempt_id, coalesce(best.disagree, false) as disagree,
                       taken.provider is not null as taken, taken.order_id as taken_by_order_id, coalesce(taken.in_inbox, false) as taken_in_inbox,
                       coalesce(taken.decided, false) as taken_decided,
                       {OrderRow.Columns}, {AttemptRow.Columns}
                from clue
                left join best using (n)
                left join orders o on o.order_id = best.order_id
                left join customers c on c.customer_id = o.customer_id
                left join payment_attempts a on a.order_id = o.order_id
                left join lateral (
                    select p.provider, p.order_id, false as in_inbox, false as decided from payments p
                    where p.provider = clue.provider and p.transaction_id = clue.transaction_id
                    union all
                    select m.provider, m.order_id, true, m.state <> 'open' from money_inbox m
                    where m.provider = clue.provider and m.transaction_id = clue.transaction_id
                    limit 1
                ) taken on true
                """,
                new
                {
                    Numbers = Enumerable.Range(0, reports.Count).ToArray(),
                    Providers = reports.Select(r => r.Provider).ToArray(),
                    AttemptIds = reports.Select(r => r.Clues.AttemptId).ToArray(),
                    References = reports.Select(r => r.Clues.Reference).ToArray(),
                    Digests = reports.Select(r => r.Clues.CheckoutDigest).ToArray(),
                    ProviderReferences = reports.Select(r => r.Clues.ProviderReference).ToArray(),
                    TransactionIds = reports.Select(r => r.TransactionId).ToArray(),
                },
                null,
                cancel),
            static (fact, order, attempt) => (fact, order, attempt),
            splitOn: "order_id,attempt_id");
        return FactRows.ToFacts(rows, reports.Count);
    }

    public async Task<IReadOnlyList<CommitOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancel)
    {
        try
        {
            var written = await WriteAsync(settlements, cancel);
            return [.. Enumerable.Range(0, settlements.Count).Select(n => written.Contains(n) ? CommitOutcome.Committed : CommitOutcome.Stale)];
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure)
        {
            if (settlements.Count == 1)
            {
                return [CommitOutcome.Stale];
            }
        }

        // Nothing of the list was written. One by one, only what is at fault fails.
        var outcomes = new List<CommitOutcome>(settlements.Count);
        foreach (var settlement in settlements)
        {
            outcomes.AddRange(await SettleAsync([settlement], cancel));
        }

        return outcomes;
    }

    private async Task<HashSet<int>> WriteAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancel)
    {
        var batch = JsonSerializer.Serialize(
            settlements.Select((s, n) => SettlementLine.Of(s, n)).OrderBy(line => line.OrderId), SettlementJson.Default.IEnumerableSettlementLine);
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<int>(Command(SettleSql, new { Batch = batch }, null, cancel))];
    }

    // One statement is one commit. Everything hangs on `moved`: an order that changed since it was read takes nothing along.
    private const string SettleSql = """
        with line as materialized (
            select * from jsonb_to_recordset(@Batch::jsonb) as l(
                n int, moves boolean, learns boolean, provider text, at timestamptz,
                order_id uuid, seen bigint, version bigint, from_status text, payment_status text, receipt text, reason text,
                safe_to_retry boolean, booking_reference text, updated_at timestamptz,
                attempt_id uuid, attempt_state text, provider_reference text, checkout_digest text, transaction_id text, disputed boolean,
                result_code text, ended_at timestamptz,
                event_id uuid, source text, code text,
                payment_id uuid, booking_id uuid, paid_transaction_id text, amount_minor bigint, currency text,
                inbox_id uuid, inbox_transaction_id text, inbox_amount_minor bigint, inbox_currency text, problem text, decision_reason text,
                callback_id uuid, received_at timestamptz, body text, result text, clue_reference text, clue_checkout_digest text,
                clue_provider_reference text,
                messages jsonb)
        ), moved as (
            update orders o
            set payment_status = l.payment_status, receipt = l.receipt, reason = l.reason, safe_to_retry = l.safe_to_retry,
                booking_reference = l.booking_reference, version = l.version, updated_at = l.updated_at
            from line l
            where l.moves and o.order_id = l.order_id and o.version = l.seen
            returning l.n
        ), good as (
            select n from moved union all select n from line where not moves
        ), attempt as (
            update payment_attempts a
            set state = l.attempt_state, transaction_id = l.transaction_id, disputed = l.disputed, result_code = l.result_code,
                ended_at = l.ended_at, provider_reference = coalesce(a.provider_reference, l.provider_reference),
                checkout_digest = coalesce(a.checkout_digest, l.checkout_digest)
            from line l join moved using (n)
            where a.attempt_id = l.attempt_id
        ), learnt as (
            update payment_attempts a
            set provider_reference = coalesce(a.provider_reference, l.provider_reference),
                checkout_digest = coalesce(a.checkout_digest, l.checkout_digest)
            from line l
            where l.learns and a.attempt_id = l.attempt_id
        ), event as (
            insert into order_events (event_id, order_id, attempt_id, version, from_status, to_status, attempt_state, source, code, at)
            select event_id, order_id, attempt_id, version, from_status, payment_status, attempt_state, source, code, at
            from line join moved using (n)
        ), payment as (
            insert into payments (payment_id, order_id, attempt_id, provider, transaction_id, amount_minor, currency, received_at)
            select payment_id, order_id, attempt_id, provider, paid_transaction_id, amount_minor, currency, at
            from line join moved using (n) where payment_id is not null
        ), booking as (
            insert into bookings (booking_id, order_id, provider, transaction_id, booking_reference, created_at)
            select booking_id, order_id, provider, paid_transaction_id, booking_reference, at
            from line join moved using (n) where booking_id is not null
        ), inbox as (
            insert into money_inbox (entry_id, order_id, attempt_id, provider, transaction_id, amount_minor, currency, problem, received_at)
            select inbox_id, order_id, attempt_id, provider, inbox_transaction_id, inbox_amount_minor, inbox_currency, problem, at
            from line join good using (n) where inbox_id is not null
            on conflict (provider, transaction_id) do nothing
        ), attached as (
            update money_inbox m set state = 'attached', reason = l.decision_reason, decided_at = l.at
            from line l join moved using (n)
            where l.decision_reason is not null and l.payment_id is not null
              and m.provider = l.provider and m.transaction_id = l.paid_transaction_id
        ), callback as (
            insert into callbacks (callback_id, provider, received_at, body, result, order_id, attempt_id, reference, checkout_digest, provider_reference)
            select callback_id, provider, received_at, decode(body, 'base64'), result, order_id, attempt_id,
                   clue_reference, clue_checkout_digest, clue_provider_reference
            from line join good using (n) where callback_id is not null
            on conflict (callback_id) do update set result = excluded.result, order_id = excluded.order_id, attempt_id = excluded.attempt_id
        ), promise as (
            insert into outbox (message_id, kind, key, order_id, subject_id, created_at, due_at)
            select m.message_id, m.kind, m.key, m.order_id, m.subject_id, m.created_at, m.due_at
            from line join good using (n) cross join lateral jsonb_to_recordset(line.messages)
                as m(message_id uuid, kind text, key text, order_id uuid, subject_id uuid, created_at timestamptz, due_at timestamptz)
            on conflict (key) where done_at is null and buried_at is null do nothing
        )
        select n from good
        """;

    public async Task KeepCallbackAsync(RawCallback raw, string result, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(Command(
            "insert into callbacks (callback_id, provider, received_at, body, result) values (@CallbackId, @Provider, @ReceivedAt, @Body, @Result)",
            new { raw.CallbackId, raw.Provider, raw.ReceivedAt, Body = raw.Body.ToArray(), Result = result }, null, cancel));
    }

    public async Task<IReadOnlyList<RawCallback>> FindUnmatchedCallbacksAsync(DateTime receivedBefore, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<CallbackRow>(Command(
            """
            select callback_id, provider, body, received_at from callbacks
            where result = 'unmatched' and received_at <= @ReceivedBefore order by received_at limit @Limit
            """,
            new { ReceivedBefore = receivedBefore, Limit = limit }, null, cancel));
        return [.. rows.Select(r => r.ToRawCallback())];
    }

    public async Task CloseCallbackAsync(Guid callbackId, string result, MoneyInboxEntry? entry, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(Command(
            """
            with closed as (
                update callbacks set result = @Result where callback_id = @CallbackId and result = 'unmatched' returning callback_id
            )
            insert into money_inbox (entry_id, provider, transaction_id, amount_minor, currency, problem, received_at)
            select @EntryId, @Provider, @TransactionId, @AmountMinor, @Currency, @Problem, @ReceivedAt from closed where @EntryId::uuid is not null
            on conflict (provider, transaction_id) do nothing
            """,
            WriteParameters.CloseCallback(callbackId, result, entry), null, cancel));
    }

    public async Task<IReadOnlyList<RawCallback>> FindMatchableCallbacksAsync(DateTime receivedAfter, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<CallbackRow>(Command(
            """
            select c.callback_id, c.provider, c.body, c.received_at from callbacks c
            where c.result = 'unmatched' and c.received_at > @ReceivedAfter and (
                exists (select 1 from payment_attempts a where a.provider = c.provider and a.reference = c.reference)
                or exists (select 1 from payment_attempts a where a.provider = c.provider and a.checkout_digest = c.checkout_digest)
                or exists (select 1 from payment_attempts a where a.provider = c.provider and a.provider_reference = c.provider_reference))
            order by c.received_at limit @Limit
            """,
            new { ReceivedAfter = receivedAfter, Limit = limit }, null, cancel));
        return [.. rows.Select(r => r.ToRawCallback())];
    }
}
