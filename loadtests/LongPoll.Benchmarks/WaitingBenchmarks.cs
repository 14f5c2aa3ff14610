using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using LongPoll.Server.Bus;
using LongPoll.Server.Hosting;
using LongPoll.Server.Payments;
using LongPoll.Server.Waiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LongPoll.Benchmarks;

/// <summary>Taking a place, and giving it back: register, subscribe on the bus of the process, deadline, leave.</summary>
public class JoinBenchmarks
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly Guid _orderId = Guid.CreateVersion7();
    private Node _node = null!;

    /// <summary>Waiters of other orders that are there already.</summary>
    [Params(0, 10_000)]
    public int Parked { get; set; }

    /// <summary>Parks the others.</summary>
    [GlobalSetup]
    public async Task SetUpAsync()
    {
        _node = new Node();
        for (int i = 0; i < Parked; i++)
            await JoinAsync(Guid.CreateVersion7());
    }

    /// <summary>Lets everybody go.</summary>
    [GlobalCleanup]
    public void CleanUp() => _node.Dispose();

    /// <summary>The first and only waiter of an order.</summary>
    [Benchmark]
    public async Task JoinAndLeave() => _node.Waiters.Leave(await JoinAsync(_orderId));

    private async Task<Waiter> JoinAsync(Guid orderId)
    {
        Waiter waiter = new(orderId, new WaitCondition(null, WaitUntil.Settled));
        if (await _node.Waiters.JoinAsync(waiter) is { } refused)
            throw new InvalidOperationException($"No place: {refused}.");
        waiter.Place!.Arm(waiter, null);
        _node.Deadlines.Add(waiter, Patience);
        return waiter;
    }
}

/// <summary>From the message to the last waiter that has been told and has left. Ten thousand wait each time.</summary>
public class WakeBenchmarks
{
    private const int Waiters = 10_000;

    private Node _node = null!;
    private OrderSnapshot[] _views = [];
    private CountdownEvent _answered = null!;

    /// <summary>How many wait for the same order.</summary>
    [Params(1, 10, 1000)]
    public int WaitersPerOrder { get; set; }

    /// <summary>A node, and what its orders are going to become.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        _node = new Node();
        _views = [.. Enumerable.Range(0, Waiters / WaitersPerOrder).Select(_ => Sample.PaidView(Guid.CreateVersion7()))];
    }

    /// <summary>Ends the node.</summary>
    [GlobalCleanup]
    public void CleanUp() => _node.Dispose();

    /// <summary>Parks everybody.</summary>
    [IterationSetup]
    public void Park()
    {
        _answered = new CountdownEvent(Waiters);
        foreach (OrderSnapshot view in _views)
        {
            for (int i = 0; i < WaitersPerOrder; i++)
                _ = WaitAsync(view.OrderId, _answered);
        }

        // The bus of the process completes at once, so that everybody is armed when this returns.
        if (_node.Waiters.Armed != Waiters)
            throw new InvalidOperationException($"{_node.Waiters.Armed} of {Waiters} are parked.");
    }

    /// <summary>One message for each order; per waiter.</summary>
    [Benchmark(OperationsPerInvoke = Waiters)]
    public void DeliverUntilTheLastHasLeft()
    {
        foreach (OrderSnapshot view in _views)
            _node.Waiters.Deliver(view);
        _answered.Wait();
    }

    /// <summary>Nobody may be left.</summary>
    [IterationCleanup]
    public void Empty()
    {
        if (_node.Waiters.Count != 0)
            throw new InvalidOperationException($"{_node.Waiters.Count} were not told.");
        _answered.Dispose();
    }

    private async Task WaitAsync(Guid orderId, CountdownEvent answered)
    {
        Waiter waiter = new(orderId, new WaitCondition(null, WaitUntil.Settled));
        if (await _node.Waiters.JoinAsync(waiter) is { } refused)
            throw new InvalidOperationException($"No place: {refused}.");
        waiter.Place!.Arm(waiter, null);
        await waiter.Task;
        _node.Waiters.Leave(waiter);
        answered.Signal();
    }
}

/// <summary>What waits on a node, with a bus inside the process.</summary>
internal sealed class Node : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public Node()
    {
        Waiters = new Waiters(
            new InProcessStatusBus(reliable: true, TimeSpan.FromMinutes(1), TimeProvider.System),
            Options.Create(new LongPollOptions { MaxWaitersPerOrder = 50_000 }),
            TimeProvider.System,
            new WaitMetrics(_services.GetRequiredService<IMeterFactory>()),
            NullLogger<Waiters>.Instance);
        Deadlines = new WaitDeadlines(TimeProvider.System);
    }

    public Waiters Waiters { get; }

    public WaitDeadlines Deadlines { get; }

    public void Dispose()
    {
        Deadlines.Dispose();
        _services.Dispose();
    }
}
