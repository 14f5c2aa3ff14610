using System.Data.Common;
using System.Globalization;
using Dapper;
using LongPoll.Server.Jobs;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LongPoll.Tests.Contracts;

/// <summary>One started database for a class of tests, and a look at its tables past the stores.</summary>
public abstract class StoreFixture : IAsyncLifetime
{
    private static readonly string[] Tables =
    [
        "orders", "payment_attempts", "payments", "bookings", "callbacks", "outbox", "order_events", "money_inbox", "idempotency_keys", "tickets", "mails",
    ];

    internal abstract IOrderStore Orders { get; }

    internal abstract IOutboxStore Outbox { get; }

    internal abstract IJobStore Jobs { get; }

    public abstract ValueTask InitializeAsync();

    /// <summary>Registers the stores of a further node on the same database.</summary>
    internal abstract void AddNode(IServiceCollection services);

    public abstract Task<DbConnection> OpenAsync();

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return CloseAsync();
    }

    protected abstract ValueTask CloseAsync();

    /// <summary>How many rows each table has for an order, such as <c>orders=1 payments=1</c>; tables without one are left out.</summary>
    public async Task<string> CountAsync(Guid orderId)
    {
        await using var connection = await OpenAsync();
        var counts = new List<string>();
        foreach (var table in Tables)
        {
            var count = await connection.ExecuteScalarAsync<long>($"select count(*) from {table} where order_id = @OrderId", new { OrderId = orderId });
            if (count > 0)
            {
                counts.Add(string.Create(CultureInfo.InvariantCulture, $"{table}={count}"));
            }
        }

        return string.Join(' ', counts);
    }

    public async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var connection = await OpenAsync();
        await connection.ExecuteAsync(sql, parameters);
    }

    public async Task<long> CountAsync(string sql, object parameters)
    {
        await using var connection = await OpenAsync();
        return await connection.ExecuteScalarAsync<long>(sql, parameters);
    }

    /// <summary>Every row of every table as text: two dumps are equal only when nothing at all was written in between.</summary>
    public async Task<string> DumpAsync()
    {
        await using var connection = await OpenAsync();
        var lines = new List<string>();
        foreach (var table in Tables.Append("customers"))
        {
            foreach (IDictionary<string, object?> row in await connection.QueryAsync($"select * from {table} order by 1"))
            {
                lines.Add(table + ": " + string.Join(", ", row.Select(column => $"{column.Key}={Text(column.Value)}")));
            }
        }

        return string.Join('\n', lines);
    }

    private static string? Text(object? value) =>
        value is byte[] bytes ? Convert.ToHexString(bytes) : Convert.ToString(value, CultureInfo.InvariantCulture);
}
