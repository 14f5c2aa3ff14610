#!/usr/bin/env dotnet
#:package NBomber@6.*
#:project ../LongPoll.LoadTests/LongPoll.LoadTests.csproj
#:property PublishAot=false
#:property ManagePackageVersionsCentrally=false

// Buyers come at a steady rate; each places an order, opens a page that is held, and pays after 20 to 40 seconds.
//
//   TARGET=http://127.0.0.1:5080 API_KEY=… dotnet run loadtests/nbomber/hold-and-release.cs
using LongPoll.LoadTests.Buyers;
using LongPoll.LoadTests.Scripting;
using NBomber.CSharp;

// 33 a second with 30 s each: a thousand payments under way.
const int BuyersPerSecond = 33;
var duration = TimeSpan.FromMinutes(3);

await using var session = await LoadSession.StartAsync();

var scenario = Scenario.Create("hold_and_release", async context =>
{
    using var buyer = await session.PlaceAsync();

    var parked = await Step.Run("park", context, async () =>
    {
        await buyer.ParkAsync();
        return Response.Ok();
    });
    await Task.Delay(TimeSpan.FromSeconds(20 + (20 * Random.Shared.NextDouble())));

    // From before the callback's first byte to the last byte of the page's answer.
    var released = await Step.Run("release", context, async () =>
    {
        Told told = await buyer.PayAsync();
        return told.Complaint is null
            ? Response.Ok(statusCode: told.Ending ?? "answered")
            : Response.Fail(statusCode: "complaint", message: told.Complaint);
    });
    return parked.IsError || released.IsError ? Response.Fail() : Response.Ok();
})
.WithoutWarmUp()
.WithLoadSimulations(Simulation.Inject(rate: BuyersPerSecond, interval: TimeSpan.FromSeconds(1), during: duration));

var result = NBomberRunner
    .RegisterScenarios(scenario)
    .WithScenarioCompletionTimeout(TimeSpan.FromMinutes(2)) // the last buyers are still thinking when the time is over
    .Run();

return result.AllFailCount == 0 ? 0 : 1;
