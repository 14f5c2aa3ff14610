using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LongPoll.Tests.Support;

namespace LongPoll.IntegrationTests.Bus;

/// <summary>A Redis of one test's own, which it may stop, stall and start again, empty, on the same port.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly int _port = FreePort();
    private Process? _process;

    public string Connection => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{_port}");

    public static async Task<RedisServer> StartNewAsync()
    {
        var server = new RedisServer();
        await server.StartAsync();
        return server;
    }

    public async Task StartAsync()
    {
        var program = Environment.GetEnvironmentVariable("LONGPOLL_TEST_REDIS_BIN") is { Length: > 0 } path ? path : "redis-server";
        _process = Process.Start(new ProcessStartInfo(
            program, ["--bind", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        await Eventually.IsAsync(AnswersAsync, "redis-server answers");
    }

    /// <summary>Gone at once, with all it held.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Stalls it: connections stay open, nothing is answered.</summary>
    public Task StallAsync() => SignalAsync("STOP");

    public Task ResumeAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            using var wire = await RedisWire.ConnectAsync(Connection);
            await wire.SendAsync("PING");
            return await wire.ReadLineAsync() == "+PONG";
        }
        catch (Exception e) when (e is SocketException or IOException)
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

/// <summary>Redis's own protocol, line by line: what a foreign program speaks.</summary>
internal sealed class RedisWire : IDisposable
{
    private readonly TcpClient _client = new();
    private StreamReader? _reader;

    public static async Task<RedisWire> ConnectAsync(string connection)
    {
        var wire = new RedisWire();
        var endPoint = IPEndPoint.Parse(connection);
        await wire._client.ConnectAsync(endPoint);
        wire._reader = new StreamReader(wire._client.GetStream());
        return wire;
    }

    public async Task SendAsync(params string[] words)
    {
        var command = string.Create(CultureInfo.InvariantCulture, $"*{words.Length}\r\n")
            + string.Concat(words.Select(w => string.Create(CultureInfo.InvariantCulture, $"${System.Text.Encoding.UTF8.GetByteCount(w)}\r\n{w}\r\n")));
        await _client.GetStream().WriteAsync(System.Text.Encoding.UTF8.GetBytes(command));
    }

    public async Task<string?> ReadLineAsync() => await _reader!.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System);

    /// <summary>One command, and the first line of its answer; of a text, the text.</summary>
    public async Task<string?> AskAsync(params string[] words)
    {
        await SendAsync(words);
        var line = await ReadLineAsync();
        return line?.StartsWith('$') == true && line != "$-1" ? await ReadLineAsync() : line;
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _client.Dispose();
    }
}
