using System.Collections.Concurrent;
using LongPoll.Server.Jobs;
using LongPoll.Server.Payments;
using LongPoll.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LongPoll.Tests.Jobs;

/// <summary>The scheduler of one node, on a clock of the test's, over a database that it may share with others.</summary>
internal sealed class JobNode : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly JobScheduler _scheduler;
    private readonly int _loops;

    private JobNode(IJobStore store, TestTimeProvider clock, IReadOnlyList<ScriptedJob> jobs, IReadOnlyDictionary<string, string?> settings)
    {
        Clock = clock;
        Store = new WatchedJobStore(store);
        var plans = new JobPlans(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
        Runner = new JobRunner(jobs, Store, _lifetime, clock, new Lines<JobRunner>(_log));
        _scheduler = new JobScheduler(jobs, plans, Runner, clock, new Lines<JobScheduler>(_log));
        _loops = jobs.Count(j => plans.IsEnabled(j.Name) && plans.ScheduleOf(j.Name) is not null);
    }

    public TestTimeProvider Clock { get; }

    public WatchedJobStore Store { get; }

    public JobRunner Runner { get; }

    public IReadOnlyCollection<string> Log => _log;

    public DateTime Now => Clock.GetUtcTimestamp();

    public static Task<JobNode> StartAsync(IJobStore store, params ScriptedJob[] jobs) => StartAsync(store, new TestTimeProvider(), jobs);

    public static Task<JobNode> StartAsync(IJobStore store, TestTimeProvider clock, params ScriptedJob[] jobs) =>
        StartAsync(store, clock, new Dictionary<string, string?>(StringComparer.Ordinal), jobs);

    public static async Task<JobNode> StartAsync(IJobStore store, TestTimeProvider clock, IReadOnlyDictionary<string, string?> settings, params ScriptedJob[] jobs)
    {
        var node = new JobNode(store, clock, jobs, settings);
        await node._scheduler.StartAsync(CancellationToken.None);
        await node.IdleAsync();
        return node;
    }

    /// <summary>Until every loop sleeps until its next tick.</summary>
    public Task IdleAsync() => SleepingAsync(_loops);

    /// <summary>Until so many timers are set and nothing is asked of the database.</summary>
    public Task SleepingAsync(int timers) => Eventually.IsAsync(() => Clock.Waiting == timers && Store.InHand == 0, FormattableString.Invariant($"{timers} timers are set"));

    /// <summary>Lets time pass on this node.</summary>
    public void Pass(TimeSpan time) => Clock.Advance(time);

    /// <summary>Lets time pass until the loops sleep again.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Pass(time);
        await IdleAsync();
    }

    public Task<JobStats> StatsAsync(string job) => Store.CountAsync(job, Now, TestContext.Current.CancellationToken);

    /// <summary>Until so many runs have ended.</summary>
    public Task RunsAsync(string job, int runs) => Eventually.IsAsync(async () => (await StatsAsync(job)).Total == runs, FormattableString.Invariant($"{runs} runs of {job} have ended"));

    public Task<IReadOnlyList<JobRun>> RecentAsync(string job) => Store.FindRecentAsync(job, Now, 10, TestContext.Current.CancellationToken);

    /// <summary>What SIGTERM does first.</summary>
    public void BeginStopping() => _lifetime.StopApplication();

    public async ValueTask DisposeAsync()
    {
        _lifetime.StopApplication();

        // Time goes on while a host stops: a job that does not listen is given up.
        var stopping = _scheduler.StopAsync(CancellationToken.None);
        while (!stopping.IsCompleted)
        {
            Clock.Advance(JobRunner.Round);
            await Task.Yield();
        }

        await stopping;
        _scheduler.Dispose();
    }

    private sealed class Lines<T>(ConcurrentQueue<string> log) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue($"{logLevel} {formatter(state, exception)}");
    }
}
