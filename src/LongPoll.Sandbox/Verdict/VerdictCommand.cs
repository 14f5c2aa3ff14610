using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.PayHero;
using LongPoll.Sandbox.Phone;

namespace LongPoll.Sandbox.Verdict;

/// <summary><c>dotnet run --project src/LongPoll.Sandbox -- verdict …</c>: the provider, the buyers and the judge in one process.</summary>
internal static class VerdictCommand
{
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TextWriter say, CancellationToken stop)
    {
        if (VerdictOptions.Parse(args, out string? wrong) is not { } options)
        {
            await say.WriteLineAsync($"{wrong}{Environment.NewLine}{Environment.NewLine}{VerdictOptions.Usage}");
            return 2;
        }

        try
        {
            VerdictReport report = await RunAsync(options, say, stop);
            VerdictTable.Write(report, say);
            if (options.JsonFile is not null)
                await report.WriteAsync(options.JsonFile, stop);
            return report.Passed ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            await say.WriteLineAsync($"The run could not be made: {e.Message}");
            return 2;
        }
    }

    internal static async Task<VerdictReport> RunAsync(VerdictOptions options, TextWriter say, CancellationToken stop)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(options.Listen);
        builder.Services.AddSandbox(sandbox => sandbox.PromptLife = options.PromptLife);
        await using WebApplication app = builder.Build();
        app.MapSandbox();

        PayHeroBehaviour behaviour = app.Services.GetRequiredService<PayHeroBehaviour>();
        behaviour.View = behaviour.View with { Seed = options.Seed };
        await app.StartAsync(stop);
        await say.WriteLineAsync($"seed {options.Seed}, {options.Orders} orders against {string.Join(" and ", options.Targets)}; {string.Join(", ", options.Providers)} at {options.Listen}/sandbox");

        TimeProvider clock = app.Services.GetRequiredService<TimeProvider>();
        long began = clock.GetTimestamp();
        VerdictRun run = new(
            options, app.Services.GetRequiredService<PromptStore>(), app.Services.GetRequiredService<CallbackSender>(),
            app.Services.GetRequiredService<PayPageStore>(), app.Services.GetRequiredService<PageSender>(), clock, say);
        Day day = await run.PlayAsync(stop);
        VerdictReport report = VerdictReport.Of(options, day, clock.GetElapsedTime(began));
        await app.StopAsync(stop);
        return report;
    }
}
