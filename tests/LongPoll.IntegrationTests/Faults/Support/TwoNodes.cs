using System.Globalization;
using System.Net;
using LongPoll.Tests.Support;
using Npgsql;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>Two nodes in this process with one database, one Redis and one till; each node's statements are counted on the wire.</summary>
internal sealed class TwoNodes : IAsyncDisposable
{
    private readonly WireProxy[] _wires;
    private readonly int[] _sweeps = new int[2];
    private readonly int[] _reads = new int[2];

    private TwoNodes(Till till, Books books, EndPoint postgres)
    {
        (Till, Books) = (till, books);
        _wires = [Counting(postgres, 0), Counting(postgres, 1)];
    }

    public Till Till { get; }

    public Books Books { get; }

    public ServerNode First { get; private set; } = null!;

    public ServerNode Second { get; private set; } = null!;

    public static async Task<TwoNodes> StartAsync(OwnRedis redis, WireProxy? firstRedis = null)
    {
        var database = new NpgsqlConnectionStringBuilder(await Servers.CreateDatabaseAsync());
        var nodes = new TwoNodes(
            await Till.StartAsync(), new Books(database.ConnectionString), new IPEndPoint(IPAddress.Loopback, database.Port));
        nodes.First = await nodes.NodeAsync(database, nodes._wires[0], firstRedis?.Port ?? redis.Port);
        nodes.Second = await nodes.NodeAsync(database, nodes._wires[1], redis.Port);
        await Soon.TrueAsync(nodes.ReadyAsync, "both nodes are ready");
        return nodes;
    }

    /// <summary>How often this node looked at all its parked orders, since the last <see cref="CountAnew"/>.</summary>
    public int Sweeps(int node) => Volatile.Read(ref _sweeps[node]);

    /// <summary>How often it read one order.</summary>
    public int Reads(int node) => Volatile.Read(ref _reads[node]);

    public void CountAnew()
    {
        Array.Clear(_sweeps);
        Array.Clear(_reads);
    }

    /// <summary>Parks one page of each order on each node.</summary>
    public async Task<Task<WaitAnswer>[]> ParkOnBothAsync(IReadOnlyList<Bought> orders)
    {
        Task<WaitAnswer>[] waits =
        [
            .. orders.Select(o => Buyers.WaitAsync(First.Client, o.OrderId)), .. orders.Select(o => Buyers.WaitAsync(Second.Client, o.OrderId)),
        ];
        await Buyers.ParkedAsync(waits.Length, First.Client, Second.Client);
        return waits;
    }

    /// <summary>The buyers pay, ten at a time; every second callback goes to the other node.</summary>
    public async Task<IReadOnlyList<Taken>> PayAllAsync(IReadOnlyList<Bought> orders)
    {
        var taken = new Taken[orders.Count];
        await Parallel.ForAsync(0, orders.Count, new ParallelOptions { MaxDegreeOfParallelism = 10 }, async (i, _) =>
            taken[i] = await Till.PayAsync(Till.PushFor(orders[i].Number)!, () => (i % 2 == 0 ? First : Second).Address));
        return taken;
    }

    /// <summary>Returns when all that was said about this order is noted as said: nothing more is to come.</summary>
    public Task SettledAsync(Bought order) => Books.AnnouncedAsync(order.OrderId);

    public async Task<bool> ReadyAsync() => await ReadyAsync(First) && await ReadyAsync(Second);

    public async ValueTask DisposeAsync()
    {
        await First.DisposeAsync();
        await Second.DisposeAsync();
        foreach (var wire in _wires)
        {
            await wire.DisposeAsync();
        }

        await Till.DisposeAsync();
    }

    private static async Task<bool> ReadyAsync(ServerNode node)
    {
        using var answer = await node.Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
        return answer.IsSuccessStatusCode;
    }

    private WireProxy Counting(EndPoint postgres, int node) => new(postgres, () => new PostgresWireReader())
    {
        Before = message =>
        {
            // Once for each time that it runs: a statement that was prepared is not parsed again.
            if (message.Kind == "B" && message.Text.Contains("seen(order_id, version)", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _sweeps[node]);
            }
            else if (message.Kind == "B" && message.Text.Contains("where o.order_id = ", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _reads[node]);
            }

            return ValueTask.FromResult(true);
        },
    };

    private async Task<ServerNode> NodeAsync(NpgsqlConnectionStringBuilder database, WireProxy wire, int redisPort) =>
        await ServerNode.StartAsync(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:Postgres"] = Wires.Through(database.ConnectionString, wire),
            ["ConnectionStrings:Redis"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{redisPort}"),
            ["Sandbox:Enabled"] = "false",
            ["Logging:LogLevel:Default"] = "Critical",
            ["PayHero:BaseUrl"] = Till.Address.ToString(),
            ["PayHero:BasicAuthToken"] = "ZmF1bHRzOmZhdWx0cw==",
            ["PayHero:ChannelId"] = "133",
            ["PayHero:CallbackToken"] = "faults-callback-token",
        });
}

/// <summary>Connection strings that lead through a proxy.</summary>
internal static class Wires
{
    /// <summary>Unencrypted, so that the messages can be told apart.</summary>
    public static string Through(string postgres, WireProxy wire) => new NpgsqlConnectionStringBuilder(postgres)
    {
        Host = "127.0.0.1",
        Port = wire.Port,
        SslMode = SslMode.Disable,
        GssEncryptionMode = GssEncryptionMode.Disable,
    }.ConnectionString;
}
