using System.Collections.Concurrent;
using LongPoll.Server.Bus;
using LongPoll.Server.Hosting;
using LongPoll.Server.Payments;
using LongPoll.Server.Waiting;
using LongPoll.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace LongPoll.Tests.Waiting;

/// <summary>One node's waiting, with a bus and a store that do as a test says and write down in which order they were called.</summary>
internal sealed class WaitingRoom : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public WaitingRoom(LongPollOptions? options = null)
    {
        Bus = new ScriptedBus(Log);
        Store = new ScriptedStore(Log);
        var metrics = new WaitMetrics(_services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>());
        Waiters = new Waiters(Bus, Options.Create(options ?? new LongPollOptions()), Clock, metrics, NullLogger<Waiters>.Instance);
        Deadlines = new WaitDeadlines(Clock);
        Wait = new WaitForOrder(Bus, Waiters, Deadlines, Store, UnderWay, metrics, Clock, NullLogger<WaitForOrder>.Instance);
        Sweep = new ParkedOrdersSweep(Waiters, Store, Clock, NullLogger<ParkedOrdersSweep>.Instance);
        Store.Order = Given.Order(version: 3);
    }

    public static TimeSpan Minute => TimeSpan.FromMinutes(1);

    /// <summary>What was asked of bus and store: cache, subscribe, read, unsubscribe.</summary>
    public ConcurrentQueue<string> Log { get; } = new();

    public TestTimeProvider Clock { get; } = new();

    public PaymentsUnderWay UnderWay { get; } = new();

    public ScriptedBus Bus { get; }

    public ScriptedStore Store { get; }

    public Waiters Waiters { get; }

    public WaitDeadlines Deadlines { get; }

    public WaitForOrder Wait { get; }

    public ParkedOrdersSweep Sweep { get; }

    public Guid OrderId => Store.Order!.OrderId;

    /// <summary>Lets pass what a subscription outlives its last page.</summary>
    public void Linger() => Clock.Advance(TimeSpan.FromMilliseconds(100));

    /// <summary>A view of the order in another state and version.</summary>
    public OrderSnapshot View(long version, PaymentStatus status = PaymentStatus.Completed) =>
        OrderSnapshot.Of(Store.Order! with { Version = version, PaymentStatus = status });

    public Task<WaitResult> WaitAsync(long? since = null, WaitUntil until = WaitUntil.Settled, CancellationTokenSource? client = null) =>
        WaitAsync(OrderId, new WaitCondition(since, until), client?.Token ?? CancellationToken.None).SoonAsync();

    /// <summary>As the endpoint waits.</summary>
    public async Task<WaitResult> WaitAsync(Guid orderId, WaitCondition condition, CancellationToken client)
    {
        var began = Clock.GetTimestamp();
        var waiter = new Waiter(orderId, condition);
        await Wait.BeginAsync(waiter, Minute, client);
        await waiter.Task;
        return await Wait.EndAsync(waiter, Clock.GetElapsedTime(began), client);
    }

    /// <summary>A wait that stands at its place, has read the database and waits for a message.</summary>
    public async Task<Task<WaitResult>> ParkAsync(long? since = null, WaitUntil until = WaitUntil.Settled, CancellationTokenSource? client = null)
    {
        var armed = Waiters.Armed;
        var wait = WaitAsync(since, until, client);
        await Eventually.IsAsync(() => Waiters.Armed > armed || wait.IsCompleted);
        Assert.False(wait.IsCompleted);
        return wait;
    }

    public void Dispose()
    {
        Deadlines.Dispose();
        _services.Dispose();
    }
}

internal sealed class ScriptedBus(ConcurrentQueue<string> log) : IStatusBus
{
    public Func<Guid, Task> OnSubscribe { get; set; } = _ => Task.CompletedTask;

    public Func<Guid, Task> OnUnsubscribe { get; set; } = _ => Task.CompletedTask;

    public Func<OrderSnapshot, Task> OnAnnounce { get; set; } = _ => throw new NotSupportedException();

    public OrderSnapshot? Latest { get; set; }

    public string Name => "scripted";

    public bool Reliable
    {
        get
        {
            OnAsked();
            return field;
        }

        set;
    }

        = true;

    /// <summary>Somebody is about to ask whether messages arrive.</summary>
    public Action OnAsked { get; set; } = () => { };

    public void Listen(IStatusListener listener)
    {
        // A test speaks to the waiters itself.
    }

    public async Task SubscribeAsync(Guid orderId, CancellationToken cancel)
    {
        log.Enqueue("subscribe");
        await OnSubscribe(orderId);
        log.Enqueue("subscribed");
    }

    public async Task UnsubscribeAsync(Guid orderId, CancellationToken cancel)
    {
        log.Enqueue("unsubscribe");
        await OnUnsubscribe(orderId);
        log.Enqueue("unsubscribed");
    }

    public ValueTask<OrderSnapshot?> FindLatestAsync(Guid orderId, CancellationToken cancel)
    {
        log.Enqueue("cache");
        return new(Latest);
    }

    public Task AnnounceAsync(OrderSnapshot snapshot, CancellationToken cancel) => OnAnnounce(snapshot);

    public Task PingAsync(CancellationToken cancel) => throw new NotSupportedException();
}
