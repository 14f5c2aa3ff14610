using System.Net;
using Npgsql;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>
/// One server after the other behind wires that count, with a database, a till and buyers that outlive them: each is killed
/// at its point, and the next one has to end right what it left.
/// </summary>
internal sealed class KillStage : IAsyncDisposable
{
    // What the jobs ask all the time, whether there is work or not, and what pages read. The jobs' work itself is counted.
    private static readonly string[] Idle =
    [
        "where not announced and at", "result = 'unmatched'", "for update skip locked", "as lane(kind)", "seen(order_id, version)", "where o.order_id = $1",
        "select 1", "DISCARD", "set plan_cache_mode", "set enable_", "set jit", "set lock_timeout",
    ];

    private readonly WireProxy _postgresWire;
    private readonly WireProxy _redisWire;
    private readonly string _postgres;

    private readonly IReadOnlyDictionary<string, string>? _settings;

    private KillStage(string database, Till till, string[] promises, IReadOnlyDictionary<string, string>? settings)
    {
        var builder = new NpgsqlConnectionStringBuilder(database);
        var redis = Servers.Redis.Split(':');
        _postgresWire = new WireProxy(new IPEndPoint(IPAddress.Loopback, builder.Port), () => new PostgresWireReader());
        _redisWire = new WireProxy(IPEndPoint.Parse($"127.0.0.1:{redis[^1]}"), () => new RedisWireReader());

        // Nothing is prepared: else it would hang on the connection, and on what that was used for before, how many messages
        // a statement takes. This is the longest form; the others leave some of these messages out.
        _postgres = new NpgsqlConnectionStringBuilder(Wires.Through(database, _postgresWire)) { MaxAutoPrepare = 1, AutoPrepareMinUsages = int.MaxValue }.ConnectionString;
        (Books, Till, _settings) = (new Books(database), till, settings);
        Point = new KillPoint(message => Counts(message, promises));
        Point.Watch(_postgresWire);
        Point.Watch(_redisWire);
    }

    public Books Books { get; }

    public Till Till { get; }

    public KillPoint Point { get; }

    public ServerProcess Server { get; private set; } = null!;

    /// <param name="promises">
    /// Claiming promises of these kinds belongs to the work. Workers claim what others promised too, so this is for work in which there
    /// is one to claim.
    /// </param>
    /// <param name="settings">Further settings of every server.</param>
    /// <param name="heldBack">The kind of promises that is due when the test says so; null for all of them.</param>
    public static async Task<KillStage> StartAsync(string[]? promises = null, IReadOnlyDictionary<string, string>? settings = null, string? heldBack = null)
    {
        var stage = new KillStage(await Servers.CreateDatabaseAsync(), await Till.StartAsync(), promises ?? [], settings);
        await stage.NextServerAsync();
        await stage.Books.LeasesShortAsync();
        await stage.Books.PromisesHeldBackAsync(heldBack);
        return stage;
    }

    /// <summary>A fresh server, after the last one has died or been taken away.</summary>
    public async Task NextServerAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        Point.Rest();
        Server = await ServerProcess.StartAsync(_postgres, $"127.0.0.1:{_redisWire.Port}", Till.Address, _settings);
    }

    /// <summary>An order with its prompt out, and nothing left to do.</summary>
    public async Task<Bought> OrderAsync()
    {
        var order = await Buyers.OrderAsync(Server.Client) ?? throw new InvalidOperationException("No order was made.");
        await Books.AnnouncedAsync(order.OrderId);
        return order;
    }

    /// <summary>Everything that a paid order promises has happened, whoever had to do it.</summary>
    public async Task EndsRightAsync(Bought order)
    {
        await Buyers.PaidAsync(() => Server.Client, order.OrderId);
        await Books.PromisesDueAsync(order.OrderId);
        await Books.PromisesKeptAsync(order.OrderId);
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

    private static bool Counts(WireMessage message, string[] promises) => message.Kind switch
    {
        "startup" or "p" or "X" => false,
        "EVAL" or "EVALSHA" or "SCRIPT" => true,
        { Length: > 1 } => false,
        _ => message.Text.Contains("update outbox set leased_until = $", StringComparison.Ordinal)
            ? promises.Any(kind => message.Text.Contains($"kind = '{kind}'", StringComparison.Ordinal))
            : !Idle.Any(idle => message.Text.Contains(idle, StringComparison.Ordinal)),
    };
}
