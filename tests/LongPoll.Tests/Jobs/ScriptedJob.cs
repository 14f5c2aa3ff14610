using LongPoll.Server.Jobs;

namespace LongPoll.Tests.Jobs;

/// <summary>A job that does as a test says, and counts how often it was run. One object can be the job of several nodes.</summary>
internal sealed class ScriptedJob(string name, Func<CancellationToken, Task>? work = null) : IJob
{
    private int _runs;

    public string Name => name;

    public int Runs => Volatile.Read(ref _runs);

    public Func<CancellationToken, Task>? Work { get; set; } = work;

    public Task RunAsync(CancellationToken cancel)
    {
        Interlocked.Increment(ref _runs);
        return Work?.Invoke(cancel) ?? Task.CompletedTask;
    }
}
