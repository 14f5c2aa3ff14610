using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using LongPoll.IntegrationTests.Faults.Support;
using Npgsql;
using Xunit;

namespace LongPoll.IntegrationTests.Faults;

/// <summary>SIGKILL over a job: the run ends with its lease, as failed, and the other node goes on.</summary>
[Collection(FaultsCollection.Name)]
public sealed class KilledJobTests
{
    private const string CronSecret = "faults-cron-secret";

    [Fact]
    [Trait("Acceptance", "104")]
    public async Task Killed_WithinAJob_EndsAsFailedWithItsLease_AndTheOtherNodeRunsTheNext()
    {
        await using var till = await Till.StartAsync();
        var database = await Servers.CreateDatabaseAsync();
        var books = new Books(database);
        await using var dying = await ServerProcess.StartAsync(database, Servers.Redis, till.Address);
        await using var other = await ServerProcess.StartAsync(database, Servers.Redis, till.Address);

        // The job waits for a table that somebody holds, which it does for two seconds before it gives up.
        await using (var holder = new NpgsqlConnection(database))
        {
            await holder.OpenAsync(TestContext.Current.CancellationToken);
            await using var transaction = await holder.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using var hold = new NpgsqlCommand("lock table payment_attempts in access exclusive mode", holder, transaction);
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            var running = RunAsync(dying);
            await Soon.TrueAsync(async () => await books.CountAsync("select count(*) from job_runs where job = 'reconcile' and ended_at is null") == 1, "the job is at work");
            await dying.KillAsync();
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => running);
        }

        // Nobody knows yet that it is dead.
        Assert.Equal(HttpStatusCode.Conflict, await RunAsync(other));
        Assert.Equal((0, 1), await CountsAsync(other));

        // Half a minute goes by.
        await books.RunAsync("update job_runs set started_at = started_at - interval '30 seconds', leased_until = leased_until - interval '30 seconds' where job = 'reconcile'");
        Assert.Equal((1, 1), await CountsAsync(other));
        Assert.Equal(HttpStatusCode.OK, await RunAsync(other));

        Assert.Equal((2, 2), await CountsAsync(other));
        Assert.Equal(1, await books.CountAsync("select count(*) from job_runs where job = 'reconcile' and success"));
        Assert.Equal(1, await books.CountAsync("select count(*) from job_runs where job = 'reconcile' and not success and ended_at = leased_until"));
    }

    private static async Task<HttpStatusCode> RunAsync(ServerProcess server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/jobs/reconcile") { Headers = { { "x-cron-secret", CronSecret } } };
        using var answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    /// <summary>Runs that ended, and all of them.</summary>
    private static async Task<(int Ended, int All)> CountsAsync(ServerProcess server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/jobs/reconcile") { Headers = { { "x-cron-secret", CronSecret } } };
        using var answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        return (told.GetProperty("stats").GetProperty("totalExecutions").GetInt32(), told.GetProperty("recentExecutions").GetArrayLength());
    }
}
