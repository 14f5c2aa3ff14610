namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>Two nodes, each a process of its own, on one database and one Redis. Each can be killed and comes back at another address.</summary>
internal sealed class TwoProcesses : IAsyncDisposable
{
    private readonly string _database;
    private readonly ServerProcess[] _nodes = new ServerProcess[2];
    private readonly List<ServerProcess> _all = [];

    private TwoProcesses(string database, Till till) => (_database, Till, Books) = (database, till, new Books(database));

    public Till Till { get; }

    public Books Books { get; }

    public static async Task<TwoProcesses> StartAsync()
    {
        var nodes = new TwoProcesses(await Servers.CreateDatabaseAsync(), await Till.StartAsync());
        await nodes.StartAgainAsync(0);
        await nodes.StartAgainAsync(1);
        await nodes.Books.LeasesShortAsync();
        await nodes.Books.PromisesDueAtOnceAsync();
        return nodes;
    }

    /// <summary>The node of this number, dead or alive.</summary>
    public ServerProcess Node(int number) => Volatile.Read(ref _nodes[number]);

    /// <summary>First this node, and then the two by turns, for who asks again.</summary>
    public Func<ServerProcess> ByTurns(int first)
    {
        var turn = first - 1;
        return () => Node(Interlocked.Increment(ref turn) & 1);
    }

    public async Task StartAgainAsync(int number)
    {
        var node = await ServerProcess.StartAsync(_database, Servers.Redis, Till.Address);
        _all.Add(node);
        Volatile.Write(ref _nodes[number], node);
    }

    public async ValueTask DisposeAsync()
    {
        // The dead ones too, and only now: somebody may still have been asking them.
        foreach (var node in _all)
        {
            await node.DisposeAsync();
        }

        await Till.DisposeAsync();
    }
}
