using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>A Redis of a test's own: to be killed, paused and brought back empty at the same address.</summary>
internal sealed class OwnRedis : IAsyncDisposable
{
    private OwnProcess? _process;

    private OwnRedis(int port) => Port = port;

    public int Port { get; }

    public EndPoint Address => new IPEndPoint(IPAddress.Loopback, Port);

    public static async Task<OwnRedis> StartAsync()
    {
        var redis = new OwnRedis(OwnProcess.FreePort());
        await redis.StartAgainAsync();
        return redis;
    }

    public async Task StartAgainAsync()
    {
        var program = Environment.GetEnvironmentVariable("LONGPOLL_TEST_REDIS_BIN") ?? "redis-server";
        _process = new OwnProcess(
            program, ["--bind", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no"]);
        await Soon.TrueAsync(async () => await AskAsync("PING") == "+PONG", "Redis answers", more: () => _process.Said);
    }

    public Task KillAsync() => _process!.KillAsync();

    /// <summary>Connections stay open and nothing answers.</summary>
    public void Pause() => Signals.Send(_process!.Id, Signal.Stop);

    public void Resume() => Signals.Send(_process!.Id, Signal.Continue);

    /// <summary>How many of these keys there are.</summary>
    public async Task<int> CountAsync(IEnumerable<string> keys) =>
        await AskAsync($"EXISTS {string.Join(' ', keys)}") is [':', .. var number] ? int.Parse(number, CultureInfo.InvariantCulture) : 0;

    /// <summary>The first line of the answer; empty when there is none.</summary>
    public async Task<string> AskAsync(string command)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync((IPEndPoint)Address);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\r\n"));
            using var reader = new StreamReader(stream, Encoding.ASCII);
            return await reader.ReadLineAsync() ?? "";
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return "";
        }
    }

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        return ValueTask.CompletedTask;
    }
}
