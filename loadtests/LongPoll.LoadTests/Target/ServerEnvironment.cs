using System.Diagnostics;
using System.Security.Cryptography;

namespace LongPoll.LoadTests.Target;

/// <summary>
/// Starts the server as Production would run it, with fresh secrets and the pretend provider. Everything else, connection
/// strings above all, comes from the caller's environment.
/// </summary>
internal sealed class ServerEnvironment
{
    private readonly Dictionary<string, string> _settings;
    private readonly string _server;

    public ServerEnvironment(LoadSettings settings, Uri payHero)
    {
        _server = Path.GetFullPath(settings.Server!);
        ApiKey = settings.ApiKey ?? Secret();
        string target = settings.Target.GetLeftPart(UriPartial.Authority);
        _settings = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = target,
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["Logging__LogLevel__Default"] = "Warning",
            ["PublicUrl"] = target,
            ["PayHero__BaseUrl"] = payHero.ToString(),
            ["PayHero__BasicAuthToken"] = "bG9hZDp0ZXN0",
            ["PayHero__ChannelId"] = "133",
            ["PayHero__CallbackUrl"] = $"{target}/payhero/callback",
            ["PayHero__CallbackToken"] = settings.CallbackToken ?? Secret(),
            ["Orders__ApiKey"] = ApiKey,
            ["Security__Key"] = Secret(),
            ["Admin__Key"] = Secret(),
            ["Jobs__CronSecret"] = Secret(),
        };
    }

    /// <summary>What POST /orders of the started server needs.</summary>
    public string ApiKey { get; }

    public Process Start()
    {
        // The content root is where appsettings.json lies, beside the server.
        ProcessStartInfo start = new("dotnet", [_server]) { WorkingDirectory = Path.GetDirectoryName(_server) };
        foreach ((string name, string value) in _settings)
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new RunImpossibleException("dotnet could not be started.");
    }

    private static string Secret() => Convert.ToHexString(RandomNumberGenerator.GetBytes(24));
}
