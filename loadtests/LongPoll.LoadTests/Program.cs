using System.CommandLine;
using LongPoll.LoadTests;
using LongPoll.LoadTests.Commands;

// 0: every page was answered as promised. 1: some were not. 2: the run could not be made. 3: a defect of the runner.
RootCommand root = new("Load tests for LongPoll. The runner plays buyers and payment provider; it knows servers only from outside.")
{
    RunCommand.Create(),
    NodesCommand.Create(),
    BuildsCommand.Create(),
    RawCommand.Create(),
    CompareCommand.Create(),
    TableCommand.Create(),
    FloorCommand.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (RunImpossibleException impossible)
{
    await Console.Error.WriteLineAsync(impossible.Message);
    return 2;
}
catch (Exception defect) when (defect is not OperationCanceledException)
{
    // Caught only so that everything that was started is stopped: an unhandled exception would leave servers behind.
    await Console.Error.WriteLineAsync(defect.ToString());
    return 3;
}
catch (OperationCanceledException)
{
    await Console.Error.WriteLineAsync("Interrupted; nothing was measured.");
    return 2;
}
