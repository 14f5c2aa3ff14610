using LongPoll.Server.Hosting;

try
{
    await using var app = LongPollApplication.Build(args);
    await app.RunAsync();
    return 0;
}
catch (BadConfigurationException e)
{
    Console.Error.WriteLine(e.Message);
    return 78; // EX_CONFIG
}
