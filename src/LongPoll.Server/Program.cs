using LongPoll.Server.Hosting;

try
{
    await using var app = LongPollApplication.Build(args);
    await app.StartAsync();
    await app.WaitForShutdownAsync();
    return 0;
}
catch (BadConfigurationException e)
{
    Console.Error.WriteLine(e.Message);
    return 78; // EX_CONFIG
}
catch (Exception e)
{
    // An address in use or unreadable, a database that cannot be reached: one line for whoever starts it.
    Console.Error.WriteLine($"LongPoll cannot run: {e.GetBaseException().Message}");
    return 1;
}
