using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Npgsql;
using Xunit;

namespace LongPoll.IntegrationTests.Faults.Support;

/// <summary>A PostgreSQL of a test's own: to be killed with all its processes, and started again on what it had committed.</summary>
internal sealed class OwnPostgres : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("longpoll-faults-").FullName;
    private readonly string _password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private OwnProcess? _process;

    private OwnPostgres(int port) => Port = port;

    public int Port { get; }

    public string ConnectionString => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = Port,
        Username = "postgres",
        Password = _password,
        Database = "postgres",
        Timeout = 5,
    }.ConnectionString;

    private static bool Root => string.Equals(Environment.UserName, "root", StringComparison.Ordinal);

    private static string Bin => Environment.GetEnvironmentVariable("LONGPOLL_TEST_PSQL_BIN")
        ?? throw new InvalidOperationException("LONGPOLL_TEST_PSQL_BIN is not set. tests/run.sh finds PostgreSQL and sets it.");

    private string Data => Path.Combine(_directory, "data");

    public static async Task<OwnPostgres> StartAsync()
    {
        var postgres = new OwnPostgres(OwnProcess.FreePort());
        var passwordFile = Path.Combine(postgres._directory, "password");
        await File.WriteAllTextAsync(passwordFile, postgres._password);
        if (Root)
        {
            using var chown = new OwnProcess("chown", ["-R", "postgres", postgres._directory]);
            await chown.EndedAsync(TestContext.Current.CancellationToken);
        }

        using var initdb = AsPostgres(
            Path.Combine(Bin, "initdb"), $"--pgdata={postgres.Data}", "--username=postgres", $"--pwfile={passwordFile}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync");
        await initdb.EndedAsync(TestContext.Current.CancellationToken);
        Assert.True(initdb.ExitCode == 0, initdb.Said);
        await postgres.StartAgainAsync();
        return postgres;
    }

    public async Task StartAgainAsync()
    {
        _process = AsPostgres(
            Path.Combine(Bin, "postgres"), "-D", Data, "-c", string.Create(CultureInfo.InvariantCulture, $"port={Port}"),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=100", "-c", "fsync=off");
        await Soon.TrueAsync(AnswersAsync, "PostgreSQL answers", more: () => _process.Said);
    }

    /// <summary>SIGKILL for the postmaster and everything that it started, as when the machine goes down.</summary>
    public async Task KillAsync()
    {
        var family = Process.GetProcessesByName("postgres").Where(p => ParentOf(p.Id) == _process!.Id).Select(p => p.Id).ToArray();
        await _process!.KillAsync();
        foreach (var child in family.Where(id => Directory.Exists($"/proc/{id}")))
        {
            try
            {
                Signals.Send(child, Signal.Kill);
            }
            catch (InvalidOperationException)
            {
                // It saw its parent die and has gone by itself.
            }
        }

        await Soon.TrueAsync(() => !family.Any(id => Directory.Exists($"/proc/{id}")), "all processes of PostgreSQL are gone");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { Ended: false })
        {
            await KillAsync();
        }

        _process?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
            await connection.OpenAsync();
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // PostgreSQL refuses root. Not runuser: that stays in between as a parent, and a signal would have to get past it.
    private static OwnProcess AsPostgres(string program, params string[] arguments) => Root
        ? new OwnProcess("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", program, .. arguments])
        : new OwnProcess(program, arguments);

    private static int ParentOf(int processId)
    {
        try
        {
            // "pid (name) state ppid …": the name may hold spaces, so what counts stands behind the last bracket.
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
