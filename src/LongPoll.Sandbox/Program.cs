using LongPoll.Sandbox;
using LongPoll.Sandbox.Verdict;

if (args is ["verdict", .. string[] rest])
    return await VerdictCommand.RunAsync(rest, Console.Out, CancellationToken.None);

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);

if (string.IsNullOrEmpty(builder.Configuration["urls"]))
    builder.WebHost.UseUrls("http://127.0.0.1:5090");

builder.Services.AddSandbox();

WebApplication app = builder.Build();

app.MapSandbox();
app.MapGet("/", () => TypedResults.Redirect("/sandbox"));

await app.RunAsync();
return 0;
