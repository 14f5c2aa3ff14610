using LongPoll.LoadTests.Report;

namespace LongPoll.LoadTests.Scenarios;

/// <summary>One thing that pages and provider do to a server, and what is measured meanwhile.</summary>
internal interface IScenario
{
    /// <exception cref="RunImpossibleException">It cannot be played against this subject or on this machine.</exception>
    Task<RunReport> RunAsync(Bench bench, CancellationToken cancel);
}
