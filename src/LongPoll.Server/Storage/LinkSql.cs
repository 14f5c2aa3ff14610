namespace LongPoll.Server.Storage;

/// <summary>What both databases are asked about payment links in the same words.</summary>
internal static class LinkSql
{
    /// <summary>A link with its last event, its newest order and its money, as <see cref="LinkRow"/>.</summary>
    public const string Read = """
        select l.link_id, l.short_code, l.amount_minor, l.currency, l.description, l.provider, l.state, l.created_at, l.updated_at, l.expires_at,
               e.type as event_type, e.at as event_at, o.order_id, o.payment_status, o.safe_to_retry, v.to_status as moved_to, v.at as moved_at,
               p.provider as paid_provider, p.transaction_id, p.amount_minor as paid_minor, p.currency as paid_currency, p.received_at as paid_at
        from payment_links l
        join payment_link_events e on e.link_id = l.link_id and e.n = (select max(m.n) from payment_link_events m where m.link_id = l.link_id)
        left join orders o on o.link_id = l.link_id and o.link_number = (select max(k.link_number) from orders k where k.link_id = l.link_id)
        left join order_events v on v.order_id = o.order_id and v.version = (
            select max(w.version) from order_events w
            where w.order_id = o.order_id and (w.from_status is null or w.from_status <> w.to_status))
        left join orders d on d.link_id = l.link_id and d.payment_status = 'completed'
        left join payments p on p.order_id = d.order_id

        """;

    /// <summary>An order of the link <c>l</c> has the money.</summary>
    public const string Paid = "exists (select 1 from orders d where d.link_id = l.link_id and d.payment_status = 'completed')";

    /// <summary>
    /// The number that the next order of a link gets; null while another one can still be paid, was paid, or is looked at by
    /// a person. To be asked with the link's row locked.
    /// </summary>
    public const string NextNumber = """
        select case
            when exists (
                select 1 from orders o
                where o.link_id = @LinkId and (
                    o.payment_status in ('pending', 'processing', 'completed') or o.reason = 'under_review'
                    or (not o.safe_to_retry and not exists (select 1 from orders k where k.link_id = o.link_id and k.link_number > o.link_number))))
            then null
            else (select coalesce(max(o.link_number), 0) + 1 from orders o where o.link_id = @LinkId)
        end
        """;

    /// <summary>What links say about their orders, as <see cref="LinkTermsRow"/>.</summary>
    public const string Terms = """
        select o.order_id, l.state = 'open' as open, l.expires_at,
               exists (select 1 from orders k where k.link_id = o.link_id and k.link_number > o.link_number) as replaced,
               exists (select 1 from orders k where k.link_id = o.link_id and k.order_id <> o.order_id and k.payment_status = 'completed') as paid_by_another
        from orders o join payment_links l on l.link_id = o.link_id

        """;

    /// <summary>
    /// An order <c>o</c> shows what its link <c>l</c> no longer lets it do: Try again, or a time to pay past a link that was canceled.
    /// </summary>
    public const string Overtaken = """
        (o.safe_to_retry and (l.state <> 'open' or exists (select 1 from orders k where k.link_id = o.link_id and k.link_number > o.link_number))
         or l.state = 'canceled' and o.payment_status in ('pending', 'processing') and o.expires_at > @Now)
        """;

    /// <summary>Links that are open although their time is over, or whose payment is.</summary>
    public const string Stuck = $"""
        select l.link_id from payment_links l
        where l.state = 'open' and not {Paid} and (
            l.expires_at <= @Before
            or exists (select 1 from orders o where o.link_id = l.link_id and o.payment_status in ('pending', 'processing') and o.expires_at <= @Before))
        order by l.expires_at limit @Limit
        """;

    public const string Create = """
        insert into payment_links (link_id, short_code, amount_minor, currency, description, provider, state, created_at, updated_at, expires_at)
        values (@LinkId, @ShortCode, @AmountMinor, @Currency, @Description, @Provider, @State, @CreatedAt, @CreatedAt, @ExpiresAt)
        on conflict (short_code) do nothing
        """;

    public const string NoteCreated = "insert into payment_link_events (link_id, n, type, at) values (@LinkId, 1, 'CREATED', @CreatedAt)";
}
