using System.Globalization;
using System.Security.Cryptography;
using Npgsql;

namespace LongPoll.LoadTests.Stack;

/// <summary>
/// A PostgreSQL of this run's own, as durable as it is delivered: fsync, full pages and synchronous commit are on. It
/// counts statements, and nothing else differs from the defaults but the number of connections.
/// </summary>
internal sealed class OwnPostgres : IAsyncDisposable
{
    /// <summary>What is measured; the meter reads from another one.</summary>
    public const string Database = "load";

    private readonly string _directory = Directory.CreateTempSubdirectory("longpoll-load-").FullName;
    private readonly string _password = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
    private readonly int _port = OwnProcess.FreePort();
    private OwnProcess? _process;

    /// <summary>A superuser's, to an empty database.</summary>
    public string ConnectionString => ConnectionTo(Database);

    /// <summary>The same as a URL.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"postgres://postgres:{_password}@127.0.0.1:{_port}/{Database}");

    /// <summary>The postmaster.</summary>
    public int Pid => _process!.Id;

    /// <summary>Where its files are: figures of commits depend on the disk.</summary>
    public string DataDirectory => Path.Combine(_directory, "data");

    /// <summary>Files of the log, in JSON, the oldest first.</summary>
    public IReadOnlyList<string> Logs => [.. Directory.GetFiles(Path.Combine(DataDirectory, "log"), "*.json").Order(StringComparer.Ordinal)];

    private static bool IsRoot => Environment.UserName == "root";

    public static async Task<OwnPostgres> StartAsync(TimeProvider clock, CancellationToken cancel)
    {
        OwnPostgres postgres = new();
        try
        {
            await postgres.MakeAsync(cancel);
            await postgres.RunAsync(clock, cancel);
            await postgres.ExecuteAsync($"create database {Database}", cancel);
            return postgres;
        }
        catch
        {
            await postgres.DisposeAsync();
            throw;
        }
    }

    public string ConnectionTo(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1",
        Port = _port,
        Username = "postgres",
        Password = _password,
        Database = database,
    }.ConnectionString;

    /// <summary>Runs one statement.</summary>
    /// <param name="sql">The statement.</param>
    /// <param name="cancel">Ends it.</param>
    /// <param name="database">Where; the default is outside the database that is measured.</param>
    public async Task ExecuteAsync(string sql, CancellationToken cancel, string database = "postgres")
    {
        await using NpgsqlConnection connection = new(ConnectionTo(database) + ";Pooling=false");
        await connection.OpenAsync(cancel);
        // A checkpoint takes as long as the disk does.
        await using NpgsqlCommand command = new(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancel);
    }

    public ValueTask DisposeAsync()
    {
        // Killed, it would leave its shared memory behind.
        _process?.Interrupt();
        _process?.Dispose();
        Directory.Delete(_directory, recursive: true);
        return ValueTask.CompletedTask;
    }

    private async Task MakeAsync(CancellationToken cancel)
    {
        string passwordFile = Path.Combine(_directory, "password");
        await File.WriteAllTextAsync(passwordFile, _password, cancel);
        if (IsRoot)
        {
            using OwnProcess chown = new("chown", ["-R", "postgres", _directory]);
            await chown.SucceededAsync("chown", cancel);
        }

        using OwnProcess initdb = AsPostgres(
            "initdb", $"--pgdata={DataDirectory}", "--username=postgres", $"--pwfile={passwordFile}",
            "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync");
        await initdb.SucceededAsync("initdb", cancel);
    }

    private async Task RunAsync(TimeProvider clock, CancellationToken cancel)
    {
        // No Unix socket: its path would have to be short, and servers come by TCP.
        _process = AsPostgres(
            "postgres", "-D", DataDirectory, "-c", string.Create(CultureInfo.InvariantCulture, $"port={_port}"),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=300",
            "-c", "shared_preload_libraries=pg_stat_statements", "-c", "logging_collector=on", "-c", "log_destination=jsonlog");
        await _process.UntilAsync(AnswersAsync, "PostgreSQL", clock, cancel);
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            await ExecuteAsync("select", CancellationToken.None);
            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    // PostgreSQL refuses root. Not runuser: that stays in between as a parent, and a signal would have to get past it.
    private static OwnProcess AsPostgres(string program, params string[] arguments)
    {
        string path = Path.Combine(FindPrograms(), program);
        return IsRoot
            ? new OwnProcess("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", path, .. arguments])
            : new OwnProcess(path, arguments);
    }

    // Debian keeps the server's programs out of PATH, in a directory by version: the newest one there.
    private static string FindPrograms()
    {
        const string Debian = "/usr/lib/postgresql";
        IEnumerable<string> byVersion = Directory.Exists(Debian)
            ? Directory.GetDirectories(Debian).OrderByDescending(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int version) ? version : 0).Select(path => Path.Combine(path, "bin"))
            : [];
        IEnumerable<string> inPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':');
        return byVersion.Concat(inPath).FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")) && File.Exists(Path.Combine(path, "postgres")))
            ?? throw new RunImpossibleException("PostgreSQL's initdb and postgres are not to be found; install postgresql.");
    }
}
