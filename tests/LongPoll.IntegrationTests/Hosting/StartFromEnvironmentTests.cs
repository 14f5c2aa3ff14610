using System.Globalization;
using LongPoll.IntegrationTests.Faults.Support;
using LongPoll.Server.Hosting;
using LongPoll.Tests.Support;
using Xunit;

namespace LongPoll.IntegrationTests.Hosting;

/// <summary>The server as its own process in Production, whose secrets come from the environment alone.</summary>
public sealed class StartFromEnvironmentTests
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    [Fact]
    [Trait("Acceptance", "163")]
    [Trait("Acceptance", "164")]
    public async Task Production_WithEverySecretInTheEnvironment_GetsReady()
    {
        var folder = Directory.CreateTempSubdirectory("longpoll-tests").FullName;
        var address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{OwnProcess.FreePort()}");
        using (var server = Start(folder, address, withCronSecret: true))
        {
            using var client = new HttpClient();
            await Eventually.IsAsync(async () => await IsReadyAsync(client, address), server.Said, seconds: 60);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    [Trait("Acceptance", "163")]
    public async Task Production_WithoutTheCronSecret_EndsWithOneLineThatNamesIt()
    {
        var folder = Directory.CreateTempSubdirectory("longpoll-tests").FullName;
        using (var server = Start(folder, "http://127.0.0.1:0", withCronSecret: false))
        {
            await Eventually.IsAsync(() => server.Ended, "the server gives up", seconds: 60);
            await server.EndedAsync(TestContext.Current.CancellationToken);

            Assert.NotEqual(0, server.ExitCode);
            Assert.Contains("CRON_SECRET", Assert.Single(server.Said.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, server.Said, StringComparison.Ordinal);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static OwnProcess Start(string folder, string address, bool withCronSecret)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = address,
            ["ConnectionStrings__Sqlite"] = $"Data Source={Path.Combine(folder, "longpoll.db")}",
            ["Security__Key"] = Secret,
            ["Admin__Key"] = Secret,
            ["Orders__ApiKey"] = Secret,
        };
        if (withCronSecret)
        {
            environment["CRON_SECRET"] = Secret;
        }

        var program = typeof(LongPollApplication).Assembly.Location;
        return new OwnProcess("dotnet", [program], environment, Path.GetDirectoryName(program));
    }

    private static async Task<bool> IsReadyAsync(HttpClient client, string address)
    {
        try
        {
            using var answer = await client.GetAsync(new Uri(address + "/health/ready"), TestContext.Current.CancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
