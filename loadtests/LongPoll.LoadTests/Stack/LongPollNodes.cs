using System.Security.Cryptography;

namespace LongPoll.LoadTests.Stack;

/// <summary>
/// LongPoll's nodes as Production would run them, with fresh secrets and the pretend provider. Only limits that protect a
/// node from single addresses are lifted, because all pages of a run come from this one.
/// </summary>
internal sealed class LongPollNodes
{
    private readonly Dictionary<string, string> _environment;
    private readonly IReadOnlyList<string> _programs;

    public LongPollNodes(LoadSettings settings, Uri payHero, OwnPostgres postgres, OwnRedis redis)
    {
        _programs = settings.Servers;
        if (_programs.FirstOrDefault(program => !File.Exists(program)) is { } missing)
            throw new RunImpossibleException($"There is no file {missing}; build it: dotnet build -c Release src/LongPoll.Server");
        Addresses = [.. Enumerable.Range(0, settings.Nodes).Select(_ => OwnProcess.FreeAddress())];
        _environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Logging__LogLevel__Default"] = "Warning",
            ["ConnectionStrings__Postgres"] = postgres.ConnectionString,
            ["ConnectionStrings__Redis"] = redis.Address.ToString(),
            ["PublicUrl"] = Addresses[0].GetLeftPart(UriPartial.Authority),
            ["PayHero__BaseUrl"] = payHero.ToString(),
            ["PayHero__BasicAuthToken"] = "bG9hZDp0ZXN0",
            ["PayHero__ChannelId"] = "133",
            ["PayHero__CallbackToken"] = Secret(),
            ["Orders__ApiKey"] = ApiKey,
            ["Security__Key"] = Secret(),
            ["Admin__Key"] = Secret(),
            ["Jobs__CronSecret"] = Secret(),
            ["LongPoll__MaxWaitersPerOrder"] = "50000",
            ["RateLimits__Polling"] = "1000000 / 1 min",

            // Tickets are part of what is measured; three files for each payment would measure the disk.
            ["Mails__Enabled"] = "false",
            ["RateLimits__Api"] = "1000000 / 1 min",
        };
    }

    /// <summary>The release build of this working folder.</summary>
    public static string DefaultProgram => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../../src/LongPoll.Server/bin/Release/net10.0/LongPoll.Server.dll"));

    /// <summary>Where each node listens.</summary>
    public IReadOnlyList<Uri> Addresses { get; }

    /// <summary>What POST /orders needs.</summary>
    public string ApiKey { get; } = Secret();

    /// <summary>Starts one of the nodes, for the first time or again.</summary>
    public OwnProcess Start(int number)
    {
        string program = _programs[number % _programs.Count];
        return new OwnProcess(
            "dotnet", [program],
            new Dictionary<string, string>(_environment) { ["ASPNETCORE_URLS"] = Addresses[number].GetLeftPart(UriPartial.Authority) },

            // The content root is where appsettings.json lies, beside the server.
            Path.GetDirectoryName(program));
    }

    private static string Secret() => Convert.ToHexString(RandomNumberGenerator.GetBytes(24));
}
