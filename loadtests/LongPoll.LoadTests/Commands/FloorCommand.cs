using System.Collections.Concurrent;
using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LongPoll.LoadTests.Commands;

/// <summary>
/// The floor under everything that is built on Kestrel: it parks requests on a task and completes them, with no database,
/// no Redis, no routing and no binding.
/// </summary>
internal static class FloorCommand
{
    public const string Name = "floor";

    public static Command Create()
    {
        Option<Uri> listen = new("--listen") { Description = "Where it listens", Required = true, CustomParser = HttpAddress.Parse };
        Command command = new(Name, "Serves /wait/{id} and /publish/{id} from memory: what Kestrel alone costs.") { listen };
        command.SetAction((parsed, _) => ServeAsync(parsed.GetRequiredValue(listen)));
        return command;
    }

    private static async Task ServeAsync(Uri listen)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(listen.GetLeftPart(UriPartial.Authority));
        await using WebApplication app = builder.Build();
        ConcurrentDictionary<string, TaskCompletionSource<byte[]>> parked = new();
        app.Run(http => http.Request.Path.Value!.Split('/') switch
        {
            [_, "wait", var id] => WaitAsync(http, parked.GetOrAdd(id, static _ => new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously))),
            [_, "publish", var id] => PublishAsync(http, parked, id),
            _ => Task.CompletedTask,
        });
        await app.RunAsync();
    }

    private static async Task WaitAsync(HttpContext http, TaskCompletionSource<byte[]> message)
    {
        byte[] body = await message.Task;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body);
    }

    private static async Task PublishAsync(HttpContext http, ConcurrentDictionary<string, TaskCompletionSource<byte[]>> parked, string id)
    {
        byte[] body = new byte[(int)http.Request.ContentLength!];
        await http.Request.Body.ReadExactlyAsync(body);
        if (parked.TryRemove(id, out TaskCompletionSource<byte[]>? message))
            message.SetResult(body);
        http.Response.StatusCode = StatusCodes.Status202Accepted;
        http.Response.ContentLength = 0;
    }
}
