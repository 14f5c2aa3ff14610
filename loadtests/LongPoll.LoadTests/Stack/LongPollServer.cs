using System.Security.Cryptography;

namespace LongPoll.LoadTests.Stack;

/// <summary>
/// How LongPoll is started: as Production would run it, with fresh secrets and the pretend provider. Only limits that
/// protect a node from single addresses are lifted, because all pages of a run come from this one.
/// </summary>
internal static class LongPollServer
{
    /// <summary>The Release build of this working folder.</summary>
    public static string DefaultProgram => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../../src/LongPoll.Server/bin/Release/net10.0/LongPoll.Server.dll"));

    public static string Secret() => Convert.ToHexString(RandomNumberGenerator.GetBytes(24));

    /// <summary>What all nodes of a run have in common.</summary>
    public static Dictionary<string, string> Environment(Uri payHero, Uri first, string postgres, string redis, string apiKey) => new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["Logging__LogLevel__Default"] = "Warning",
        ["ConnectionStrings__Postgres"] = postgres,
        ["ConnectionStrings__Redis"] = redis,
        ["PublicUrl"] = first.GetLeftPart(UriPartial.Authority),
        ["PayHero__BaseUrl"] = payHero.ToString(),
        ["PayHero__BasicAuthToken"] = "bG9hZDp0ZXN0",
        ["PayHero__ChannelId"] = "133",
        ["PayHero__CallbackToken"] = Secret(),
        ["Orders__ApiKey"] = apiKey,
        ["Security__Key"] = Secret(),
        ["Admin__Key"] = Secret(),
        ["Jobs__CronSecret"] = Secret(),
        ["LongPoll__MaxWaitersPerOrder"] = "50000",
        ["RateLimits__Polling"] = "1000000 / 1 min",
        ["RateLimits__Api"] = "1000000 / 1 min",
    };

    public static OwnProcess Start(string program, Uri address, IReadOnlyDictionary<string, string> environment)
    {
        if (!File.Exists(program))
            throw new RunImpossibleException($"There is no file {program}; build it: dotnet build -c Release src/LongPoll.Server");

        // The content root is where appsettings.json lies, beside the server.
        return new OwnProcess(
            "dotnet", [program],
            new Dictionary<string, string>(environment) { ["ASPNETCORE_URLS"] = address.GetLeftPart(UriPartial.Authority) },
            Path.GetDirectoryName(program));
    }
}
