using LongPoll.Server.Bus;
using LongPoll.Tests.Contracts;
using LongPoll.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace LongPoll.IntegrationTests.Bus;

/// <summary>A started bus of one node, with what it heard.</summary>
internal sealed class RedisNode : IAsyncDisposable
{
    private RedisNode(string connection, HeardMessages heard)
    {
        Heard = heard;
        Bus = new RedisStatusBus(connection, TimeSpan.FromSeconds(60), TimeProvider.System, NullLogger<RedisStatusBus>.Instance);
        Bus.Listen(heard);
    }

    public RedisStatusBus Bus { get; }

    public HeardMessages Heard { get; }

    /// <summary>A node whose Redis is there.</summary>
    public static async Task<RedisNode> StartAsync(string connection, HeardMessages? heard = null)
    {
        var node = await StartAnywayAsync(connection, heard);
        await Eventually.IsAsync(() => node.Bus.Reliable, "the bus has started");
        return node;
    }

    /// <summary>A node, whether its Redis is there or not.</summary>
    public static async Task<RedisNode> StartAnywayAsync(string connection, HeardMessages? heard = null)
    {
        var node = new RedisNode(connection, heard ?? new HeardMessages());
        await node.Bus.StartAsync(CancellationToken.None);
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.StopAsync(CancellationToken.None);
        await Bus.DisposeAsync();
    }
}
