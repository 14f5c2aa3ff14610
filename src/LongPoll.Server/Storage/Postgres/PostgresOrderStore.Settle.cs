using Dapper;
using LongPoll.Server.Payments;
using Npgsql;

namespace LongPoll.Server.Storage.Postgres;

internal sealed partial class PostgresOrderStore
{
    public async Task<IReadOnlyList<SettlementFacts>> FindFactsAsync(IReadOnlyList<PaymentReport> reports, CancellationToken cancel)
    {
        await using var connection = await database.Door.OpenConnectionAsync(cancel);
        var facts = new SettlementFacts[reports.Count];
        int[] named = [.. Enumerable.Range(0, reports.Count).Where(n => reports[n].Clues.AttemptId is not null)];
        if (named.Length > 0)
        {
            await FindAsync(FactsByAttemptSql, named);
        }

        // News of a refund names the money, and often nothing else.
        int[] refunds = [.. Enumerable.Range(0, reports.Count).Where(n => reports[n].Refund is not null)];
        if (refunds.Length > 0)
        {
            await FindAsync(FactsByMoneySql, refunds);
            await AddRefundsAsync(connection, facts, reports, refunds, cancel);
        }

        // A clue that the attempt itself does not bear out may lead to another one.
        int[] others = [.. Enumerable.Range(0, reports.Count).Where(n => reports[n].Refund is null && facts[n]?.Attempt?.BearsOut(reports[n].Clues) is not true)];
        if (others.Length > 0)
        {
            await FindAsync(FactsByClueSql, others);
        }

        Guid[] linked = [.. facts.Select(static f => f.Order).Where(static o => o?.LinkId is not null).Select(static o => o!.OrderId).Distinct()];
        if (linked.Length > 0)
        {
            await AddLinkTermsAsync(connection, facts, linked, cancel);
        }

        return facts;

        async Task FindAsync(string sql, int[] wanted)
        {
            var rows = await connection.QueryAsync<FactRow, OrderRow?, AttemptRow?, (FactRow Fact, OrderRow? Order, AttemptRow? Attempt)>(
                Command(sql, Clues(reports, wanted), null, cancel),
                static (fact, order, attempt) => (fact, order, attempt),
                splitOn: "order_id,attempt_id");
            FactRows.Fill(facts, rows);
        }
    }

    // Those of the orders, and those of the same names, whosever they are: a refund counts for one order.
    private static async Task AddRefundsAsync(
        NpgsqlConnection connection, SettlementFacts[] facts, IReadOnlyList<PaymentReport> reports, int[] wanted, CancellationToken cancel)
    {
        var rows = await connection.QueryAsync<RefundRow>(Command(
            $"""
            select {RefundRow.Columns} from refunds where order_id = any(@OrderIds)
            union
            select {RefundRow.Columns} from refunds where (provider, refund_id) in (select * from unnest(@Providers::text[], @RefundIds::text[]))
            """,
            new
            {
                OrderIds = wanted.Select(n => facts[n].Order?.OrderId).OfType<Guid>().ToArray(),
                Providers = wanted.Select(n => reports[n].Provider).ToArray(),
                RefundIds = wanted.Select(n => reports[n].Refund!.RefundId).ToArray(),
            },
            null, cancel));
        Refund[] refunds = [.. rows.Select(r => r.ToRefund())];
        foreach (var n in wanted)
        {
            facts[n] = facts[n] with
            {
                Refunds = facts[n].Order is { } order
                    ? [.. refunds.Where(r => r.OrderId == order.OrderId || (r.Provider == reports[n].Provider && r.RefundId == reports[n].Refund!.RefundId))]
                    : [],
            };
        }
    }

    private static async Task AddLinkTermsAsync(NpgsqlConnection connection, SettlementFacts[] facts, Guid[] linked, CancellationToken cancel)
    {
        var rows = await connection.QueryAsync<LinkTermsRow>(Command(LinkSql.Terms + "where o.order_id = any(@OrderIds)", new { OrderIds = linked }, null, cancel));
        var byOrder = rows.ToDictionary(r => r.OrderId, r => r.ToTerms());
        for (var n = 0; n < facts.Length; n++)
        {
            if (facts[n].Order is { LinkId: not null } order)
            {
                facts[n] = facts[n] with { Link = byOrder.GetValueOrDefault(order.OrderId) };
            }
        }
    }

    private static object Clues(IReadOnlyList<PaymentReport> reports, int[] wanted) => new
    {
        Numbers = wanted,
        Providers = wanted.Select(n => reports[n].Provider).ToArray(),
        AttemptIds = wanted.Select(n => reports[n].Clues.AttemptId).ToArray(),
        References = wanted.Select(n => reports[n].Clues.Reference).ToArray(),
        Digests = wanted.Select(n => reports[n].Clues.CheckoutDigest).ToArray(),
        ProviderReferences = wanted.Select(n => reports[n].Clues.ProviderReference).ToArray(),
        TransactionIds = wanted.Select(n => reports[n].TransactionId).ToArray(),
    };

    private const string FactColumns = $"""
        coalesce(best.disagree, false) as disagree, best.attempt_id as matched_attempt_id,
        taken.provider is not null as taken, taken.order_id as taken_by_order_id, coalesce(taken.in_inbox, false) as taken_in_inbox,
        coalesce(taken.decided, false) as taken_decided,
        {OrderRow.Columns}, {AttemptRow.Columns}
        """;

    private const string Taken = """
        left join lateral (
            select p.provider, p.order_id, false as in_inbox, false as decided from payments p
            where p.provider = clue.provider and p.transaction_id = clue.transaction_id
            union all
            select m.provider, m.order_id, true, m.state <> 'open' from money_inbox m
            where m.provider = clue.provider and m.transaction_id = clue.transaction_id
            limit 1
        ) taken on true
        """;

    // Most reports name their attempt: it came with the address that the provider called.
    private const string FactsByAttemptSql = $"""
        with clue as (
            select * from unnest(@Numbers::int[], @Providers::text[], @AttemptIds::uuid[], @TransactionIds::text[])
                as c(n, provider, attempt_id, transaction_id)
        )
        select clue.n, {FactColumns}
        from clue
        join lateral (
            select m.attempt_id, m.order_id, false as disagree from payment_attempts m
            where m.attempt_id = clue.attempt_id and m.provider = clue.provider
        ) best on true
        join orders o on o.order_id = best.order_id
        join customers c on c.customer_id = o.customer_id
        join payment_attempts a on a.order_id = o.order_id
        {Taken}
        """;

    private const string FactsByClueSql = FactsBegin + FactsEnd;

    private const string FactsByMoneySql = FactsBegin + """
            union all
            select c.n, p.attempt_id, p.order_id, 5 from clue c join payments p
                on p.provider = c.provider and p.transaction_id = c.transaction_id

        """ + FactsEnd;

    private const string FactsBegin = """
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

        """;

    private const string FactsEnd = $"""
        ), best as (
            select n, (array_agg(attempt_id order by sureness))[1] as attempt_id, (array_agg(order_id order by sureness))[1] as order_id,
                   count(distinct attempt_id) > 1 as disagree
            from hit group by n
        )
        select clue.n, {FactColumns}
        from clue
        left join best using (n)
        left join orders o on o.order_id = best.order_id
        left join customers c on c.customer_id = o.customer_id
        left join payment_attempts a on a.order_id = o.order_id
        {Taken}
        """;

    public async Task<IReadOnlyList<CommitOutcome>> SettleAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancel)
    {
        try
        {
            return await WriteAsync(settlements, cancel);
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

    private async Task<CommitOutcome[]> WriteAsync(IReadOnlyList<Settlement> settlements, CancellationToken cancel)
    {
        // In the order of the ids, as every statement that takes many orders, so that two of them cannot block each other.
        SettlementLine[] lines = [.. settlements.Select(static (s, n) => SettlementLine.Of(s, n)).OrderBy(static l => l.OrderId)];
        var outcomes = new CommitOutcome[lines.Length];
        Array.Fill(outcomes, CommitOutcome.Stale);
        await using var connection = await database.Door.OpenConnectionAsync(cancel);
        await using var command = SettleStatement.Bind(connection, lines);
        await using var written = await command.ExecuteReaderAsync(cancel);
        while (await written.ReadAsync(cancel))
        {
            outcomes[written.GetInt32(0)] = CommitOutcome.Committed;
        }

        return outcomes;
    }

    public async Task KeepCallbackAsync(RawCallback raw, string result, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(Command(
            "insert into callbacks (callback_id, provider, received_at, body, result) values (@CallbackId, @Provider, @ReceivedAt, @Body, @Result)",
            new { raw.CallbackId, raw.Provider, raw.ReceivedAt, Body = raw.Body.ToArray(), Result = result }, null, cancel));
    }

    public async Task<bool> CloseCallbackAsync(Guid callbackId, string result, MoneyInboxEntry? entry, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        return await connection.ExecuteAsync(Command(
            """
            with booked as (
                select payment_id from payments where provider = @Provider and transaction_id = @TransactionId
            ), closed as (
                update callbacks set result = case when exists (select 1 from booked) then 'duplicate' else @Result end
                where callback_id = @CallbackId and result = 'unmatched' returning callback_id
            )
            insert into money_inbox (entry_id, provider, transaction_id, amount_minor, currency, problem, received_at)
            select @EntryId, @Provider, @TransactionId, @AmountMinor, @Currency, @Problem, @ReceivedAt from closed
            where @EntryId::uuid is not null and not exists (select 1 from booked)
            on conflict (provider, transaction_id) do nothing
            """,
            WriteParameters.CloseCallback(callbackId, result, entry), null, cancel)) == 1;
    }

    public async Task<IReadOnlyList<RawCallback>> FindRipeCallbacksAsync(DateTime since, int limit, CancellationToken cancel)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancel);
        var rows = await connection.QueryAsync<CallbackRow>(Command(CallbackRow.Ripe, new { Since = since, Limit = limit }, null, cancel));
        return [.. rows.Select(r => r.ToRawCallback())];
    }
}
