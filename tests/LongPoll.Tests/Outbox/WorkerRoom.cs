using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Dapper;
using LongPoll.Server.Outbox;
using LongPoll.Server.Payments;
using LongPoll.Tests.Storage;
using LongPoll.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LongPoll.Tests.Outbox;

/// <summary>Outbox workers over an SQLite file of their own, on a clock of the test's, with handlers that do as a test says.</summary>
internal sealed class WorkerRoom : IAsyncDisposable
{
    public const string Kind = "kind";

    private readonly SqliteStores _stores = new();
    private readonly ServiceProvider _services;
    private readonly List<OutboxWorker> _workers = [];
    private readonly ConcurrentDictionary<(int Worker, Guid MessageId), int> _taken = new();

    private WorkerRoom()
    {
        Door = new DoorLoad(Clock);
        _services = new ServiceCollection()
            .AddMetrics()
            .AddLogging(logging => logging.AddProvider(Alarms))
            .AddSingleton<PaymentMetrics>()
            .BuildServiceProvider();
        Alarms.ListenTo(_services.GetRequiredService<IMeterFactory>());
        Store = new WatchedOutbox(_stores.Outbox);
    }

    public Alarms Alarms { get; } = new();

    public TestTimeProvider Clock { get; } = new();

    /// <summary>The signals of the first worker; each has its own, as each node.</summary>
    public OutboxSignals Signals { get; } = new();

    public DoorLoad Door { get; }

    public OutboxSignal Signal => Signals.For(Kind);

    /// <summary>What the workers work on.</summary>
    public WatchedOutbox Store { get; }

    public static async Task<WorkerRoom> OpenAsync()
    {
        var room = new WorkerRoom();
        await room._stores.InitializeAsync();
        return room;
    }

    /// <summary>Starts a worker, the first with number 0, and waits until it has nothing to do, unless it will have.</summary>
    public async Task<OutboxWorker> StartAsync(
        Func<OutboxMessage, CancellationToken, Task<HandlingResult>> handle, bool idle = true, OutboxLane? lane = null, string[]? kinds = null)
    {
        var number = _workers.Count;
        var handlers = (kinds ?? [Kind]).Select(kind => new Handler(
            kind,
            lane ?? OutboxLane.Usual,
            (message, cancel) =>
            {
                _taken.AddOrUpdate((number, message.MessageId), 1, (_, times) => times + 1);
                return handle(message, cancel);
            }));
        var worker = new OutboxWorker(
            Store, [.. handlers], number == 0 ? Signals : new OutboxSignals(), Door, _services.GetRequiredService<PaymentMetrics>(), Clock, _services.GetRequiredService<ILogger<OutboxWorker>>());
        _workers.Add(worker);
        Store.ExpectClaim();
        await worker.StartAsync(CancellationToken.None);
        if (idle)
        {
            await IdleAsync();
        }

        return worker;
    }

    /// <summary>Until every worker waits for a nudge or for its next look and nothing else, with no message in hand.</summary>
    public Task IdleAsync() =>
        Eventually.IsAsync(() => Clock.Waiting == _workers.Count && !Store.ClaimComes && Store.InHand == 0, "the workers have nothing in hand");

    /// <summary>Until so many timers are set: one for each worker's next look, one for each handler's limit, one for each lane that pauses.</summary>
    public Task TimersAsync(int count) => Eventually.IsAsync(() => Clock.Waiting == count, $"{count} timers");

    public async Task<OutboxMessage> PromiseAsync(string kind = Kind)
    {
        var message = new OutboxMessage(
            Guid.CreateVersion7(), kind, $"{kind}:{Guid.CreateVersion7()}", Guid.CreateVersion7(), Guid.CreateVersion7(), Clock.GetUtcTimestamp(), Clock.GetUtcTimestamp(), Tries: 0);
        var report = new PaymentReport { Provider = "payhero", Source = ReportSource.Callback, Outcome = ReportedOutcome.Pending };
        Assert.Equal(
            [CommitOutcome.Committed],
            await _stores.Orders.SettleAsync([new Settlement { Report = report, Result = SettlementResult.Ignored, Outbox = [message] }], TestContext.Current.CancellationToken));
        return message;
    }

    /// <summary>How often a worker took a message up.</summary>
    public int Taken(OutboxMessage message, int worker = 0) => _taken.GetValueOrDefault((worker, message.MessageId));

    /// <summary>The row of a message; how long it is put off is counted from now.</summary>
    public async Task<PromiseRow> RowAsync(OutboxMessage message)
    {
        await using var connection = await _stores.OpenAsync();
        return await connection.QuerySingleAsync<PromiseRow>(
            """
            select tries as Tries, reason as Reason, done_at is not null as Done, buried_at is not null as Buried, (due_at - @Now) / 1000.0 as SecondsOff
            from outbox where message_id = @MessageId
            """,
            new { message.MessageId, Now = Clock.GetUtcTimestamp() });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.StopAsync(CancellationToken.None);
            worker.Dispose();
        }

        await _services.DisposeAsync();
        Alarms.Dispose();
        await _stores.DisposeAsync();
    }

    private sealed class Handler(string kind, OutboxLane lane, Func<OutboxMessage, CancellationToken, Task<HandlingResult>> handle) : IOutboxHandler
    {
        public OutboxLane Lane => lane;

        public string Kind => kind;

        public Task<HandlingResult> HandleAsync(OutboxMessage message, CancellationToken cancel) => handle(message, cancel);
    }
}

/// <summary>What stands about a promise in the database.</summary>
internal sealed record PromiseRow
{
    public long Tries { get; init; }

    public string? Reason { get; init; }

    public bool Done { get; init; }

    public bool Buried { get; init; }

    public double SecondsOff { get; init; }
}
