using LongPoll.LoadTests;
using LongPoll.LoadTests.Scenarios;

// 0: every waiter was answered as promised. 1: some were not. 2: the run could not be made.
if (args.Length == 0 || args.Contains("--help") || args.Contains("-h"))
{
    Console.WriteLine(Help.Text);
    return 0;
}

using CancellationTokenSource interrupted = new();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    interrupted.Cancel();
};

try
{
    LoadSettings settings = LoadSettings.Parse(args);
    return settings.Scenario switch
    {
        "hold" => await new HoldScenario(settings, TimeProvider.System).RunAsync(interrupted.Token),
        _ => throw new RunImpossibleException($"There is no scenario '{settings.Scenario}'; --help lists them."),
    };
}
catch (RunImpossibleException impossible)
{
    await Console.Error.WriteLineAsync(impossible.Message);
    return 2;
}
catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("Interrupted; nothing was measured.");
    return 2;
}
