using System.Net;
using Npgsql;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>
/// One server after the other behind wires that count, with a database, a till and buyers that outlive them: each is killed
/// at its point, and the next one has to end right what it left.
/// </summary>
internal sealed class KillStage : IAsyncDisposable
{
    // What the jobs ask all the time, whether there is work or not. Their work itself is counted.
    private static readonly string[] Idle =
    [
        "where not announced and at", "result = 'unmatched'", "for update skip locked", "select 1", "DISCARD",
    ];

    private readonly WireProxy _postgresWire;
    private readonly WireProxy _redisWire;
    private readonly string _postgres;

    private KillStage(string database, Till till)
    {
        var builder = new NpgsqlConnectionStringBuilder(database);
        var redis = Servers.Redis.Split(':');
        _postgresWire = new WireProxy(new IPEndPoint(IPAddress.Loopback, builder.Port), () => new PostgresWireReader());
        _redisWire = new WireProxy(IPEndPoint.Parse($"127.0.0.1:{redis[^1]}"), () => new RedisWireReader());
        _postgres = Wires.Through(database, _postgresWire);
        (Books, Till) = (new Books(database), till);
        Point = new KillPoint(Counts);
        Point.Watch(_postgresWire);
        Point.Watch(_redisWire);
    }

    public Books Books { get; }

    public Till Till { get; }

    public KillPoint Point { get; }

    public ServerProcess Server { get; private set; } = null!;

    public static async Task<KillStage> StartAsync()
    {
        var stage = new KillStage(await Servers.CreateDatabaseAsync(), await Till.StartAsync());
        await stage.NextServerAsync();
        await stage.Books.PromisesDueAtOnceAsync();
        return stage;
    }

    /// <summary>A fresh server, after the last one has died or been taken away.</summary>
    public async Task NextServerAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        Point.Arm(0, after: false, kill: null);
        Server = await ServerProcess.StartAsync(_postgres, $"127.0.0.1:{_redisWire.Port}", Till.Address);
    }

    /// <summary>Everything that a paid order promises has happened, whoever had to do it.</summary>
    public async Task EndsRightAsync(Bought order)
    {
        await Buyers.PaidAsync(() => Server.Client, order.OrderId);

        // A push whose answer was lost left nothing to ask with: that promise is given up at last, and the order is right all the same.
        if (await Books.CountAsync("select count(*) from payment_attempts where order_id = @OrderId and provider_reference is not null", new { order.OrderId }) > 0)
        {
            await Books.PromisesKeptAsync(order.OrderId);
        }

        await Books.AnnouncedAsync(order.OrderId);
        await Books.PaidOnceAsync(order.OrderId);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _postgresWire.DisposeAsync();
        await _redisWire.DisposeAsync();
        await Till.DisposeAsync();
    }

    private static bool Counts(WireMessage message) => message.Kind switch
    {
        "startup" or "p" or "X" => false,
        "EVAL" or "EVALSHA" or "SCRIPT" => true,
        { Length: > 1 } => false,

        // A claim counts: it is the first step of keeping a promise. That of the silent attempts is not part of this work.
        _ => message.Text.Contains("update outbox", StringComparison.Ordinal)
            || !Idle.Any(idle => message.Text.Contains(idle, StringComparison.Ordinal)),
    };
}
