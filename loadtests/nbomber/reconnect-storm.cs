#!/usr/bin/env dotnet
#:package NBomber@6.*
#:project ../LongPoll.LoadTests/LongPoll.LoadTests.csproj
#:property PublishAot=false
#:property ManagePackageVersionsCentrally=false

// Thousands of pages are parked, lose their connections, come back together, and are paid for in the middle of it.
//
//   TARGET=http://127.0.0.1:5080 API_KEY=… PAGES=5000 dotnet run loadtests/nbomber/reconnect-storm.cs
using System.Collections.Concurrent;
using System.Globalization;
using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Scripting;
using NBomber.CSharp;

const int ComingBackAtOnce = 1000;
var pages = int.Parse(Environment.GetEnvironmentVariable("PAGES") ?? "5000", CultureInfo.InvariantCulture);

await using var session = await LoadSession.StartAsync();
var parked = new ConcurrentQueue<Buyer>();

var scenario = Scenario.Create("reconnect_storm", async context =>
{
    if (!parked.TryDequeue(out Buyer? buyer))
        return Response.Fail(statusCode: "nobody", message: "more iterations than pages");
    using (buyer)
    {
        var back = await Step.Run("come_back", context, async () =>
        {
            await buyer.ParkAsync();
            return Response.Ok();
        });
        var released = await Step.Run("release", context, async () =>
        {
            Told told = await buyer.PayAsync();
            return told.Complaint is null
                ? Response.Ok(statusCode: told.Ending ?? "answered")
                : Response.Fail(statusCode: "complaint", message: told.Complaint);
        });
        return back.IsError || released.IsError ? Response.Fail() : Response.Ok();
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
.WithLoadSimulations(Simulation.IterationsForConstant(copies: ComingBackAtOnce, iterations: pages));

var result = NBomberRunner.RegisterScenarios(scenario).Run();

return result.AllFailCount == 0 ? 0 : 1;
