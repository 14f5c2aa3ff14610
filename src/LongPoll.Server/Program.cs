using System.Data.Common;
using LongPoll.Server.Hosting;
using Microsoft.AspNetCore.Connections;

try
{
    await using var app = LongPollApplication.Build(args);
    await app.RunAsync();
    return 0;
}
catch (DbException e)
{
    Console.Error.WriteLine($"The database cannot be reached: {e.Message}");
    return 1;
}
catch (IOException e) when (e.InnerException is AddressInUseException)
{
    Console.Error.WriteLine($"{e.Message} ASPNETCORE_URLS chooses another.");
    return 1;
}
catch (BadConfigurationException e)
{
    Console.Error.WriteLine(e.Message);
    return 78; // EX_CONFIG
}
