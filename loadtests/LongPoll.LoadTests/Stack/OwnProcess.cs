using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LongPoll.LoadTests.Client;

namespace LongPoll.LoadTests.Stack;

/// <summary>A process of this run's own, which ends with it, and the last lines that it said.</summary>
internal sealed class OwnProcess : IDisposable
{
    private const int KeptLines = 60;

    private readonly ConcurrentQueue<string> _said = new();
    private readonly Process _process;

    /// <exception cref="RunImpossibleException">There is no such program.</exception>
    public OwnProcess(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? directory = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? Path.GetTempPath(),
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        try
        {
            _process.Start();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new RunImpossibleException($"{program} cannot be started: {missing.Message}.", missing);
        }

        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool Ended => _process.HasExited;

    public string Said => string.Join('\n', _said);

    /// <summary>Returns when the condition holds.</summary>
    /// <exception cref="RunImpossibleException">The process ended, or it took more than a minute.</exception>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, TimeProvider clock, CancellationToken cancel)
    {
        long began = clock.GetTimestamp();
        while (!await condition())
        {
            if (Ended)
                throw new RunImpossibleException($"{what} ended while it started, with code {_process.ExitCode}:\n{Said}");
            if (clock.GetElapsedTime(began) > TimeSpan.FromMinutes(1))
                throw new RunImpossibleException($"{what} is not ready after a minute:\n{Said}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancel);
        }
    }

    /// <exception cref="RunImpossibleException">It did not end with code 0.</exception>
    public async Task SucceededAsync(string what, CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel);
        if (_process.ExitCode != 0)
            throw new RunImpossibleException($"{what} failed with code {_process.ExitCode}:\n{Said}");
    }

    /// <summary>Asks it to end by SIGINT, and waits for a while.</summary>
    public void Interrupt()
    {
        if (!_process.HasExited && Libc.Signal(_process.Id, Libc.Interrupt) == 0)
            _process.WaitForExit(TimeSpan.FromSeconds(10));
    }

    /// <summary>Takes the processor from it until <see cref="GoOn"/>; it keeps everything else.</summary>
    public void StandStill() => _ = Libc.Signal(_process.Id, Libc.Stop);

    /// <summary>Gives the processor back to it.</summary>
    public void GoOn() => _ = Libc.Signal(_process.Id, Libc.Continue);

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    /// <summary>A port that is free now, outside the range from which outgoing connections take theirs.</summary>
    public static int FreePort()
    {
        while (true)
        {
            int port = Random.Shared.Next(20_000, 32_000);
            try
            {
                using TcpListener probe = new(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it: another one.
            }
        }
    }

    /// <summary>An HTTP address of this machine with a port that is free now.</summary>
    public static Uri FreeAddress() => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}"));

    private void Keep(string? line)
    {
        if (line is null)
            return;
        _said.Enqueue(line);
        while (_said.Count > KeptLines && _said.TryDequeue(out _))
        {
            // Only the end of a long story is of use.
        }
    }
}
