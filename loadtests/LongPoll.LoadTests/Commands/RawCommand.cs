using System.CommandLine;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Raw;
using LongPoll.LoadTests.Report;
using LongPoll.LoadTests.Stack;
using LongPoll.LoadTests.Subjects;

namespace LongPoll.LoadTests.Commands;

/// <summary>Measures the raw floor of LongPoll's callbacks; see <see cref="RawDoor"/>.</summary>
internal static class RawCommand
{
    private const int Payments = 1100;

    public static Command Create()
    {
        RunOptions options = new();
        Command command = new("raw", "Executes the server's own settle statements again, bare, with a bare PUBLISH each.");
        options.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(options.Read(parsed), cancel));
        return command;
    }

    private static async Task<int> RunAsync(LoadSettings settings, CancellationToken cancel)
    {
        TimeProvider clock = TimeProvider.System;
        Progress progress = Progress.OfConsole(clock);
        using EventLoop loop = new(clock);
        await using SystemUnderTest system = new();
        Starter starter = new(settings, loop, clock, progress);
        (OwnPostgres postgres, OwnRedis redis) = await starter.StartStoresAsync(system, cancel);
        RawDoor door = new(postgres, redis, clock);

        IReadOnlyList<Payment> payments;
        await using PretendProvider provider = await PretendProvider.StartAsync(OwnProcess.FreeAddress(), cancel);
        LongPollNodes nodes = new(settings, provider.PayHeroUrl, postgres, redis);
        Shop shop;
        using (OwnProcess first = nodes.Start(0))
        {
            shop = await starter.OpenShopAsync(nodes, [first], provider, cancel);
            payments = await shop.PlaceAsync(settings.Waiters ?? Payments, cancel);
            first.Interrupt();
        }

        await door.CopyAsync(cancel);
        await door.LogAsync(cancel);
        using (OwnProcess second = nodes.Start(0))
        {
            await starter.OpenShopAsync(nodes, [second], provider, cancel);
            using CallbackLanes lanes = new(shop, clock);
            await new Pacer(lanes, settings.Rate, clock, progress).ReleaseAsync(payments, cancel);
            await lanes.DrainAsync(TimeSpan.FromSeconds(30), cancel);
            second.Interrupt();
        }

        RunReport report = await door.ReplayAsync(settings.Rate, cancel);
        ConsoleReport.Write(report);
        if (settings.Out is not null)
            await ReportFiles.WriteAsync([report], settings.Out, cancel);
        return 0;
    }
}
