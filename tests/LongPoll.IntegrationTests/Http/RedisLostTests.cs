using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LongPoll.Tests.Http;
using Xunit;

namespace LongPoll.IntegrationTests.Http;

/// <summary>A Redis of this suite's own, to be killed.</summary>
public sealed class OwnRedisWorld : PostgresWorld
{
    private readonly int _port = FreePort();
    private Process? _process;

    protected override string? Redis => $"127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}";

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Kill();
        GC.SuppressFinalize(this);
    }

    public void Kill()
    {
        _process?.Kill();
        _process?.Dispose();
        _process = null;
    }

    public async Task StartRedisAsync()
    {
        var program = Environment.GetEnvironmentVariable("LONGPOLL_TEST_REDIS_BIN") ?? throw new InvalidOperationException("LONGPOLL_TEST_REDIS_BIN is not set: tests/run.sh sets it.");
        _process = Process.Start(new ProcessStartInfo(program, ["--bind", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no"])
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        _process.BeginOutputReadLine();
        await Until.ValueAsync(ConnectsAsync, connects => connects);
    }

    protected override async Task<IReadOnlyDictionary<string, string?>> PrepareStoreAsync()
    {
        await StartRedisAsync();
        return await base.PrepareStoreAsync();
    }

    private async Task<bool> ConnectsAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>Waits end from the database while Redis is away, and by messages again when it is back.</summary>
public sealed class RedisLostTests(OwnRedisWorld world) : IClassFixture<OwnRedisWorld>
{
    [Fact]
    [Trait("Acceptance", "18")]
    public async Task Redis_DiesWhilePagesWait_TheyAreAnsweredWithinTwoSecondsOfTheCommit()
    {
        await using var other = await world.StartAsync();
        var order = await world.Shop.PlaceAsync();
        var late = await world.Shop.PlaceAsync();
        var pages = Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? world.Shop : other).WaitAsync(order)).ToArray();
        await world.Shop.ParkedAsync(3);
        await other.ParkedAsync(3);

        world.Kill();
        await other.PaidAsync(order);
        var committed = Stopwatch.GetTimestamp();

        Assert.All(await Task.WhenAll(pages), a => a.AssertView("completed"));
        Assert.InRange(Stopwatch.GetElapsedTime(committed).TotalSeconds, 0, 2);

        // Pages that come while it is away wait all the same.
        var waiting = world.Shop.WaitAsync(late);
        await world.Shop.ParkedAsync(1);
        await other.PaidAsync(late);
        committed = Stopwatch.GetTimestamp();
        (await waiting).AssertView("completed");
        Assert.InRange(Stopwatch.GetElapsedTime(committed).TotalSeconds, 0, 2);
        Assert.Equal(503, (await world.Shop.GetAsync("/health/ready")).Status);

        // Redis comes back empty: what was owed is announced, and messages wake again.
        await world.StartRedisAsync();
        await Until.ValueAsync(() => world.Shop.GetAsync("/health/ready"), a => a.Status == 200);
        await Until.ValueAsync(() => other.GetAsync("/health/ready"), a => a.Status == 200);
        await Until.ValueAsync(() => world.Shop.WaitAsync(late), a => a.Ending == "cache");
        var again = await world.Shop.PlaceAsync();
        var last = other.WaitAsync(again);
        await other.ParkedAsync(1);
        await world.Shop.PaidAsync(again);
        (await last).AssertView("completed", "notified");
    }
}

/// <summary>PostgreSQL without Redis: every node asks about its parked orders once a second.</summary>
public sealed class PostgresAloneTests(PostgresAloneWorld world) : IClassFixture<PostgresAloneWorld>
{
    [Fact]
    [Trait("Acceptance", "18")]
    public async Task Wait_CallbackOnAnotherNode_IsAnsweredWithinTwoSeconds()
    {
        await using var other = await world.StartAsync();
        var order = await world.Shop.PlaceAsync();
        var far = Enumerable.Range(0, 5).Select(_ => other.WaitAsync(order)).ToArray();
        var near = world.Shop.WaitAsync(order);
        await other.ParkedAsync(5);
        await world.Shop.ParkedAsync(1);

        await world.Shop.PaidAsync(order);
        var committed = Stopwatch.GetTimestamp();

        (await near).AssertView("completed", "notified");
        Assert.All(await Task.WhenAll(far), a => a.AssertView("completed"));
        Assert.InRange(Stopwatch.GetElapsedTime(committed).TotalSeconds, 0, 2);
    }
}
