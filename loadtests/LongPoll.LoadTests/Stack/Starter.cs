using System.Globalization;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Subjects;
using Npgsql;

namespace LongPoll.LoadTests.Stack;

/// <summary>Starts what is to be measured, each with a PostgreSQL and a Redis of its own, or finds what runs already.</summary>
internal sealed partial class Starter(LoadSettings settings, EventLoop loop, TimeProvider clock, Progress progress)
{
    /// <summary>What <c>--start</c> takes.</summary>
    public static readonly string[] Startable = ["ours", "node", "nchan", "nchan-redis", "floor"];

    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(10);

    /// <exception cref="RunImpossibleException">Something is missing, or did not start.</exception>
    public async Task<SystemUnderTest> StartAsync(CancellationToken cancel)
    {
        SystemUnderTest system = new();
        try
        {
            progress.Say(settings.Start is { } what ? $"starting {what}" : $"looking for {string.Join(", ", settings.Targets)}");
            await (settings.Start switch
            {
                null => ReachAsync(system, cancel),
                "ours" => StartLongPollAsync(system, cancel),
                "node" => StartNodeAsync(system, cancel),
                "nchan" => StartNchanAsync(system, withRedis: false, cancel),
                "nchan-redis" => StartNchanAsync(system, withRedis: true, cancel),
                "floor" => StartFloorAsync(system, cancel),
                _ => throw new RunImpossibleException($"There is nothing called {settings.Start} to start."),
            });
            return system;
        }
        catch
        {
            await system.DisposeAsync();
            throw;
        }
    }

    private async Task ReachAsync(SystemUnderTest system, CancellationToken cancel)
    {
        PretendProvider provider = system.Provider = system.Own(await PretendProvider.StartAsync(settings.Listen ?? new Uri("http://127.0.0.1:5099"), cancel));
        List<Destination> nodes = [];
        foreach (Uri target in settings.Targets)
        {
            Destination node = await Destination.ResolveAsync(target, loop, cancel);
            string path = settings.Adapter == "ours" ? "/health/ready" : "/health";
            switch (await ReadyStatusAsync(node, path, cancel))
            {
                case null:
                    throw new RunImpossibleException($"Nothing answers at {target}; is the server running, and is --target right?");
                case not 200 and var status:
                    throw new RunImpossibleException($"{target}{path} answers {status}.");
            }

            nodes.Add(node);
        }

        system.Families.AddRange(settings.Pids.Select(pid => new ProcessFamily("server", pid, Garbage: settings.Adapter == "ours" ? Garbage.DotNet : Garbage.None)));
        if (settings.Postgres is not null)
            system.Database = system.Own(await DatabaseProbe.OpenAsync(settings.Postgres, new NpgsqlConnectionStringBuilder(settings.Postgres).Database!, cancel)
                ?? throw new RunImpossibleException("--postgres: the extension pg_stat_statements is not to be had there (shared_preload_libraries)."));
        system.Subject = NewShop(settings.Adapter, nodes, settings.ApiKey, provider);
    }

    /// <summary>What it answers; one that is not ready, because it was started a moment ago, is asked again.</summary>
    private async Task<int?> ReadyStatusAsync(Destination node, string path, CancellationToken cancel)
    {
        for (long since = clock.GetTimestamp(); ;)
        {
            int? status = await SystemUnderTest.StatusAsync(node, path, cancel);
            if (status is not 503 || clock.GetElapsedTime(since) > ReadyWithin)
                return status;
            await Task.Delay(TimeSpan.FromMilliseconds(250), clock, cancel);
        }
    }

    private async Task StartLongPollAsync(SystemUnderTest system, CancellationToken cancel)
    {
        (OwnPostgres postgres, OwnRedis redis) = await StartStoresAsync(system, cancel);
        PretendProvider provider = system.Provider = system.Own(await PretendProvider.StartAsync(settings.Listen ?? OwnProcess.FreeAddress(), cancel));
        LongPollNodes nodes = new(settings, provider.PayHeroUrl, postgres, redis);
        List<OwnProcess> processes = [];
        for (int number = 0; number < settings.Nodes; number++)
        {
            processes.Add(system.Own(nodes.Start(number)));
            system.Families.Insert(number, new ProcessFamily("server", processes[number].Id, Garbage: Garbage.DotNet));
        }

        system.Nodes = processes;
        system.Subject = await OpenShopAsync(nodes, processes, provider, cancel);
        system.Setting["nodes"] = settings.Nodes.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until every node is ready.</summary>
    public async Task<Shop> OpenShopAsync(LongPollNodes nodes, IReadOnlyList<OwnProcess> processes, PretendProvider provider, CancellationToken cancel)
    {
        List<Destination> ready = [];
        foreach ((Uri address, OwnProcess process) in nodes.Addresses.Zip(processes))
        {
            ready.Add(await Destination.ResolveAsync(address, loop, cancel));
            await SystemUnderTest.AnswersAsync(process, ready[^1], "/health/ready", "LongPoll", clock, cancel);
        }

        return NewShop("ours", ready, nodes.ApiKey, provider);
    }

    private Shop NewShop(string name, IReadOnlyList<Destination> nodes, string? apiKey, PretendProvider provider) =>
        new(name, name == "node" ? "/api" : "", nodes, apiKey, loop, provider, clock, progress);

    /// <summary>A PostgreSQL and a Redis of this run's own.</summary>
    public async Task<(OwnPostgres Postgres, OwnRedis Redis)> StartStoresAsync(SystemUnderTest system, CancellationToken cancel)
    {
        OwnPostgres postgres = system.Postgres = system.Own(await OwnPostgres.StartAsync(clock, cancel));
        system.Families.Add(new ProcessFamily("postgres", postgres.Pid));
        system.Database = await DatabaseProbe.OpenAsync(postgres.ConnectionTo("postgres"), OwnPostgres.Database, cancel);
        if (system.Database is not null)
            system.Own(system.Database);
        system.Setting["postgres"] = "own, fsync on, on " + MachineFacts.FileSystemOf(postgres.DataDirectory);
        return (postgres, await StartRedisAsync(system, cancel));
    }

    private async Task<OwnRedis> StartRedisAsync(SystemUnderTest system, CancellationToken cancel)
    {
        OwnRedis redis = system.Own(await OwnRedis.StartAsync(clock, cancel));
        system.Families.Add(new ProcessFamily("redis", redis.Pid));
        system.Redis = new RedisProbe(redis.Address);
        return redis;
    }
}
