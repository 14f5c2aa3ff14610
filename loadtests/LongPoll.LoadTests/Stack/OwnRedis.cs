using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LongPoll.LoadTests.Measure;

namespace LongPoll.LoadTests.Stack;

/// <summary>A Redis of this run's own that keeps nothing on disk.</summary>
internal sealed class OwnRedis : IDisposable
{
    private readonly OwnProcess _process;

    private OwnRedis(OwnProcess process, IPEndPoint address)
    {
        _process = process;
        Address = address;
    }

    // Debian's name, and that of its free successor.
    private static string Program => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(path => File.Exists(Path.Combine(path, "redis-server")))
        ? "redis-server"
        : "valkey-server";

    public IPEndPoint Address { get; }

    public int Pid => _process.Id;

    public static async Task<OwnRedis> StartAsync(TimeProvider clock, CancellationToken cancel)
    {
        int port = OwnProcess.FreePort();
        OwnRedis redis = new(
            new OwnProcess(Program, ["--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no"]),
            new IPEndPoint(IPAddress.Loopback, port));
        try
        {
            await redis._process.UntilAsync(redis.AnswersAsync, "Redis", clock, cancel);
            return redis;
        }
        catch
        {
            redis.Dispose();
            throw;
        }
    }

    public void Dispose() => _process.Dispose();

    private async Task<bool> AnswersAsync()
    {
        try
        {
            _ = await new RedisProbe(Address).CommandsAsync(CancellationToken.None);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
