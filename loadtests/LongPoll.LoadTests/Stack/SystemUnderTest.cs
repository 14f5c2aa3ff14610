using System.Text;
using LongPoll.LoadTests.Client;
using LongPoll.LoadTests.Measure;
using LongPoll.LoadTests.Provider;
using LongPoll.LoadTests.Subjects;

namespace LongPoll.LoadTests.Stack;

/// <summary>Everything that one run measures: the subject, what is behind it, and what of it was started for this run.</summary>
internal sealed class SystemUnderTest : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> _ours = new();

    public ISubject Subject { get; set; } = null!;

    /// <summary>The nodes that were started for this run.</summary>
    public IReadOnlyList<OwnProcess> Nodes { get; set; } = [];

    /// <summary>The processes whose cost is counted.</summary>
    public List<ProcessFamily> Families { get; } = [];

    /// <summary>Null when there is no database, or when it may not be read.</summary>
    public DatabaseProbe? Database { get; set; }

    /// <summary>The PostgreSQL that was started for this run; null when there is none.</summary>
    public OwnPostgres? Postgres { get; set; }

    /// <summary>Null when there is no Redis, or when it is not known.</summary>
    public RedisProbe? Redis { get; set; }

    /// <summary>Whom servers push to and ask; null when the subject knows no payments.</summary>
    public PretendProvider? Provider { get; set; }

    /// <summary>What stands in the report about it.</summary>
    public Dictionary<string, string> Setting { get; } = [];

    /// <summary>Hands over something that ends with the run; the newest ends first.</summary>
    public T Own<T>(T part)
        where T : class
    {
        _ours.Push(part as IAsyncDisposable ?? new Synchronous((IDisposable)part));
        return part;
    }

    /// <summary>Waits until the process answers 200 there.</summary>
    public static Task AnswersAsync(OwnProcess process, Destination server, string path, string what, TimeProvider clock, CancellationToken cancel) =>
        process.UntilAsync(async () => await StatusAsync(server, path, cancel) == 200, what, clock, cancel);

    /// <returns>Null when nothing answers.</returns>
    public static async Task<int?> StatusAsync(Destination server, string path, CancellationToken cancel)
    {
        using Line line = new(server);
        try
        {
            return (await line.AskAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\n\r\n"), cancel)).Status;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_ours.TryPop(out IAsyncDisposable? part))
            await part.DisposeAsync();
    }

    private sealed class Synchronous(IDisposable part) : IAsyncDisposable
    {
        public ValueTask DisposeAsync()
        {
            part.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
