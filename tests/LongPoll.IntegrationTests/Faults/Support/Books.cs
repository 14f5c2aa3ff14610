using Dapper;
using Npgsql;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>What the database says about one order, table by table.</summary>
internal sealed record OrderBooks
{
    public string PaymentStatus { get; init; } = "";
    public long Version { get; init; }
    public long AnnouncedVersion { get; init; }
    public long Attempts { get; init; }
    public long PaidAttempts { get; init; }
    public long Payments { get; init; }
    public long Bookings { get; init; }
    public long BookingsThatAgree { get; init; }
    public long Events { get; init; }
    public long AppliedCallbacks { get; init; }
    public long Promises { get; init; }
    public long OpenPromises { get; init; }
    public long InInbox { get; init; }
}

/// <summary>Reads the tables themselves: what a server says about its own books proves nothing.</summary>
internal sealed class Books(string connectionString)
{
    public Task<OrderBooks> OfAsync(Guid orderId) => ReadAsync<OrderBooks>(
        """
        select o.payment_status as "PaymentStatus", o.version as "Version", (select coalesce(max(e.version), 0) from order_events e where e.order_id = o.order_id and e.announced) as "AnnouncedVersion",
            (select count(*) from payment_attempts a where a.order_id = o.order_id) as "Attempts",
            (select count(*) from payment_attempts a where a.order_id = o.order_id and a.state = 'paid') as "PaidAttempts",
            (select count(*) from payments p where p.order_id = o.order_id) as "Payments",
            (select count(*) from bookings b where b.order_id = o.order_id) as "Bookings",
            (select count(*) from bookings b join payments p using (order_id, provider, transaction_id)
             where b.order_id = o.order_id and b.booking_reference = o.booking_reference and p.transaction_id = o.receipt) as "BookingsThatAgree",
            (select count(*) from order_events e where e.order_id = o.order_id) as "Events",
            (select count(*) from callbacks c where c.order_id = o.order_id and c.result = 'applied') as "AppliedCallbacks",
            (select count(*) from outbox x where x.order_id = o.order_id) as "Promises",
            (select count(*) from outbox x where x.order_id = o.order_id and x.done_at is null) as "OpenPromises",
            (select count(*) from money_inbox m where m.order_id = o.order_id) as "InInbox"
        from orders o where o.order_id = @OrderId
        """,
        new { OrderId = orderId });

    /// <summary>One row.</summary>
    public async Task<T> ReadAsync<T>(string sql, object parameters)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        return await connection.QuerySingleAsync<T>(sql, parameters);
    }

    /// <summary>
    /// One payment, one booking, each line of the audit log, one promise to ask the provider: either all of them stand there
    /// or the settlement was done by half.
    /// </summary>
    public async Task PaidOnceAsync(Guid orderId)
    {
        var books = await OfAsync(orderId);
        Assert.Equal("completed", books.PaymentStatus);
        Assert.Equal((1, 1, 1), (books.Payments, books.Bookings, books.PaidAttempts));
        Assert.Equal(1, books.BookingsThatAgree);
        Assert.Equal(books.Version, books.Events);
        Assert.Equal(0, books.InInbox);
        Assert.True(books.AppliedCallbacks <= 1, "the same callback was applied twice");
    }

    public async Task AnnouncedAsync(Guid orderId) => await Soon.TrueAsync(
        async () => await OfAsync(orderId) is var books && books.AnnouncedVersion == books.Version, $"the announcement of order {orderId} is noted");

    public async Task PromisesKeptAsync(Guid orderId) => await Soon.TrueAsync(
        async () => (await OfAsync(orderId)).OpenPromises == 0, $"the promises about order {orderId} are kept");

    public async Task RunAsync(string sql, object? parameters = null)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.ExecuteAsync(sql, parameters);
    }

    public async Task<long> CountAsync(string sql, object? parameters = null)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        return await connection.ExecuteScalarAsync<long>(sql, parameters);
    }

    /// <summary>
    /// Leases run out after two seconds. In life they last a minute: here that time passes at once, by the test's own
    /// trigger in the test's own database.
    /// </summary>
    public Task LeasesShortAsync() => RunAsync(
        """
        create function leased_briefly() returns trigger language plpgsql as
            'begin if new.leased_until is not null then new.leased_until := now() + interval ''2 seconds''; end if; return new; end';
        create function asked_briefly() returns trigger language plpgsql as
            'begin if new.asking_until is not null then new.asking_until := now() + interval ''2 seconds''; end if; return new; end';
        create trigger asked_briefly before update of asking_until on payment_attempts for each row execute function asked_briefly();
        create trigger leased_briefly before update of leased_until on outbox for each row execute function leased_briefly();
        """);

    /// <summary>Promises are due at once when they are made. In life the provider is asked half a minute after a success.</summary>
    public Task PromisesDueAtOnceAsync() => DueAsync("new.created_at");

    /// <summary>Promises are due when the test says so, with <see cref="PromisesDueAsync"/>.</summary>
    /// <param name="kind">Only those of this kind; null for all.</param>
    public Task PromisesHeldBackAsync(string? kind = null) => DueAsync("new.created_at + interval ''1 hour''", kind);

    /// <summary>It is time for what this order promises.</summary>
    public Task PromisesDueAsync(Guid orderId) =>
        RunAsync("update outbox set due_at = created_at where order_id = @OrderId", new { OrderId = orderId });

    /// <summary>The prompt of this order, which may never have gone out, is past its horizon.</summary>
    public Task AtTheHorizonAsync(Guid orderId) => RunAsync(
        "update payment_attempts set created_at = created_at - interval '11 minutes', ask_at = now() where order_id = @OrderId", new { OrderId = orderId });

    private Task DueAsync(string when, string? kind = null) => RunAsync(
        $"""
        create function due() returns trigger language plpgsql as 'begin new.due_at := {when}; return new; end';
        create trigger due before insert on outbox for each row {(kind is null ? "" : $"when (new.kind = '{kind}')")} execute function due();
        """);
}
