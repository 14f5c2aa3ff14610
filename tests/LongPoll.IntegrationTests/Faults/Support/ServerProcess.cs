using System.Globalization;
using LongPoll.Server.Hosting;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>The server as its own process, in Production, as it was built with the tests: to be ended by signals.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    public const string ApiKey = "faults-api-key-faults-api-key-faults";

    // How the end by a signal is told: 128 and the signal's number.
    private const int KilledExitCode = 128 + (int)Signal.Kill;

    private readonly OwnProcess _process;

    private ServerProcess(OwnProcess process, Uri address)
    {
        _process = process;
        Address = address;
        Client = NewClient(address);
    }

    public Uri Address { get; }

    public HttpClient Client { get; }

    public bool Ended => _process.Ended;

    public string Said => _process.Said;

    public static async Task<ServerProcess> StartAsync(
        string postgres, string redis, Uri payHero, IReadOnlyDictionary<string, string>? settings = null)
    {
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{OwnProcess.FreePort()}"));
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = address.ToString(),
            ["Logging__LogLevel__Default"] = "Warning",
            ["ConnectionStrings__Postgres"] = postgres,
            ["ConnectionStrings__Redis"] = redis,
            ["Security__Key"] = "faults-security-key-faults-security-key",
            ["Admin__Key"] = "faults-admin-key-faults-admin-key-faults",
            ["Jobs__CronSecret"] = "faults-cron-secret",
            ["Orders__ApiKey"] = ApiKey,
            ["PublicUrl"] = address.ToString(),
            ["PayHero__BaseUrl"] = payHero.ToString(),
            ["PayHero__BasicAuthToken"] = "ZmF1bHRzOmZhdWx0cw==",
            ["PayHero__ChannelId"] = "133",
            ["PayHero__CallbackToken"] = "faults-callback-token",
            ["RateLimits__Polling"] = "1000000 / 1 min",
            ["Fulfilment__Enabled"] = "false",

            // A test's machine has few cores, and these processes live for seconds: begin at once, optimise later.
            ["DOTNET_TieredCompilation"] = "1",
            ["DOTNET_gcServer"] = "0",
        };
        foreach (var (name, value) in settings ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            environment[name] = value;
        }

        var program = typeof(LongPollApplication).Assembly.Location;
        var server = new ServerProcess(new OwnProcess("dotnet", [program], environment, Path.GetDirectoryName(program)), address);
        await Soon.TrueAsync(server.ReadyAsync, "the server is ready", seconds: 60, more: () => server.Said);
        return server;
    }

    public static HttpClient NewClient(Uri address) => new(new SocketsHttpHandler { MaxConnectionsPerServer = 10_000 })
    {
        BaseAddress = address,
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { { "X-Api-Key", ApiKey } },
    };

    /// <summary>SIGKILL. Fails when the process had ended otherwise.</summary>
    public async Task KillAsync()
    {
        await _process.KillAsync();
        await KilledAsync();
    }

    /// <summary>Returns when the process is gone. Fails when it was not by SIGKILL.</summary>
    public async Task KilledAsync()
    {
        await Soon.TrueAsync(() => _process.Ended, "the killed server is gone");
        Assert.Equal(KilledExitCode, _process.ExitCode);
    }

    public void Terminate() => Signals.Send(_process.Id, Signal.Terminate);

    /// <summary>The exit code, once the process has ended by itself.</summary>
    public async Task<int> ExitAsync()
    {
        await Soon.TrueAsync(() => _process.Ended, "the server has ended", seconds: 60, more: () => Said);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _process.KillAsync();
        _process.Dispose();
    }

    private async Task<bool> ReadyAsync()
    {
        Assert.False(_process.Ended, Said);
        try
        {
            using var answer = await Client.GetAsync(new Uri("/health/ready", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
