#!/usr/bin/env dotnet
#:package NBomber@6.*
#:project ../LongPoll.LoadTests/LongPoll.LoadTests.csproj
#:property PublishAot=false
#:property ManagePackageVersionsCentrally=false

// Thousands of pages are parked, then the provider calls back for all of them, 32 callbacks at a time, as fast as they go.
//
//   TARGET=http://127.0.0.1:5080 API_KEY=… PAGES=5000 dotnet run loadtests/nbomber/callback-burst.cs
using System.Collections.Concurrent;
using System.Globalization;
using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Scripting;
using NBomber.CSharp;

const int CallbacksAtOnce = 32;
var pages = int.Parse(Environment.GetEnvironmentVariable("PAGES") ?? "5000", CultureInfo.InvariantCulture);

await using var session = await LoadSession.StartAsync();
var parked = new ConcurrentQueue<Buyer>();

var scenario = Scenario.Create("callback_burst", async context =>
{
    if (!parked.TryDequeue(out Buyer? buyer))
        return Response.Fail(statusCode: "nobody", message: "more iterations than pages");
    using (buyer)
    {
        Told told = await buyer.PayAsync();
        return told.Complaint is null
            ? Response.Ok(statusCode: told.Ending ?? "answered")
            : Response.Fail(statusCode: "complaint", message: told.Complaint);
    }
})
.WithInit(async context =>
{
    foreach (Buyer[] group in (await session.PlaceAsync(pages)).Chunk(50))
    {
        await Task.WhenAll(group.Select(buyer => buyer.ParkAsync()));
        Array.ForEach(group, parked.Enqueue);
    }
})
.WithoutWarmUp()
.WithLoadSimulations(Simulation.IterationsForConstant(copies: CallbacksAtOnce, iterations: pages));

var result = NBomberRunner.RegisterScenarios(scenario).Run();

return result.AllFailCount == 0 ? 0 : 1;
