using System.Globalization;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Commands;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Subjects;

namespace LongPoll.LoadTests.Stack;

internal sealed partial class Starter
{
    private static string BaselineFolder => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../baseline-node"));

    private async Task StartNodeAsync(SystemUnderTest system, CancellationToken cancel)
    {
        if (!Directory.Exists(Path.Combine(BaselineFolder, "node_modules")))
            throw new RunImpossibleException($"The baseline has no packages yet: npm ci --prefix {BaselineFolder}");
        (OwnPostgres postgres, OwnRedis redis) = await StartStoresAsync(system, cancel);
        PretendProvider provider = system.Provider = system.Own(await PretendProvider.StartAsync(settings.Listen ?? OwnProcess.FreeAddress(), cancel));
        Uri address = OwnProcess.FreeAddress();
        Dictionary<string, string> environment = new()
        {
            ["NODE_ENV"] = "production",
            ["PORT"] = address.Port.ToString(CultureInfo.InvariantCulture),
            ["DATABASE_URL"] = postgres.Url,
            ["REDIS_URL"] = $"redis://{redis.Address}",
            ["PUBLIC_URL"] = address.GetLeftPart(UriPartial.Authority),
            ["PAYHERO_BASE_URL"] = provider.PayHeroUrl.ToString(),
            ["PAYHERO_TOKEN"] = "bG9hZDp0ZXN0",
            ["PAYHERO_CHANNEL_ID"] = "133",
        };
        OwnProcess process = system.Own(new OwnProcess("node", ["--expose-gc", "server.js"], environment, BaselineFolder));
        Destination node = await ServesAsync(system, process, address, Garbage.Node, "The Node baseline", cancel);
        system.Subject = NewShop("node", [node], apiKey: null, provider);
    }

    private async Task StartNchanAsync(SystemUnderTest system, bool withRedis, CancellationToken cancel)
    {
        Uri address = OwnProcess.FreeAddress();
        OwnRedis? redis = withRedis ? await StartRedisAsync(system, cancel) : null;
        OwnNchan nchan = system.Own(new OwnNchan(address, redis?.Address));
        Destination server = await ServesAsync(system, nchan.Process, address, Garbage.None, "nginx with nchan", cancel);
        system.Subject = new Publisher(settings.Start!, server);
    }

    // This program once more: the runner's own memory and garbage must not be the server's.
    private async Task StartFloorAsync(SystemUnderTest system, CancellationToken cancel)
    {
        Uri address = OwnProcess.FreeAddress();
        string program = typeof(Starter).Assembly.Location;
        OwnProcess process = system.Own(new OwnProcess("dotnet", [program, FloorCommand.Name, "--listen", address.GetLeftPart(UriPartial.Authority)]));
        Destination server = await ServesAsync(system, process, address, Garbage.DotNet, "The Kestrel floor", cancel);
        system.Subject = new Publisher("floor", server);
    }

    private async Task<Destination> ServesAsync(SystemUnderTest system, OwnProcess process, Uri address, Garbage garbage, string what, CancellationToken cancel)
    {
        Destination server = await Destination.ResolveAsync(address, loop, cancel);
        await SystemUnderTest.AnswersAsync(process, server, "/health", what, clock, cancel);
        system.Families.Insert(0, new ProcessFamily("server", process.Id, Garbage: garbage));
        return server;
    }
}
