using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace LongPoll.Tests.Sandbox;

/// <summary>A till on a real port that takes callbacks and answers with the statuses that a test lines up.</summary>
internal sealed class CallbackListener : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<JsonElement> _received = Channel.CreateUnbounded<JsonElement>();
    private readonly Queue<int> _statuses;
    private readonly WebApplication _app;

    private CallbackListener(int[] statuses)
    {
        _statuses = new Queue<int>(statuses);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(TakeAsync);
    }

    public string Url => $"{_app.Urls.First()}/callback";

    /// <summary>Answers with these statuses, then with 200.</summary>
    public static async Task<CallbackListener> StartAsync(params int[] statuses)
    {
        CallbackListener listener = new(statuses);
        await listener._app.StartAsync();
        return listener;
    }

    public async Task<JsonElement> NextAsync() => await _received.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using JsonDocument body = await JsonDocument.ParseAsync(context.Request.Body);
        int status = 200;
        lock (_statuses)
        {
            if (_statuses.TryDequeue(out int wanted))
                status = wanted;
        }

        context.Response.StatusCode = status;
        await context.Response.WriteAsync("""{"result":"applied"}""");
        _received.Writer.TryWrite(body.RootElement.Clone());
    }
}
