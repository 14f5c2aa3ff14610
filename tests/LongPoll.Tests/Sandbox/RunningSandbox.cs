using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using LongPoll.Sandbox;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LongPoll.Tests.Sandbox;

/// <summary>The sandbox on a real port, and verbs for what a till and a buyer do with it.</summary>
internal sealed class RunningSandbox : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly WebApplication _app;

    private RunningSandbox(Action<SandboxOptions>? configure)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSandbox(options =>
        {
            options.CallbackRetryGap = TimeSpan.FromMilliseconds(10);
            configure?.Invoke(options);
        });
        _app = builder.Build();
        _app.MapSandbox();
    }

    public HttpClient Http { get; } = new();

    public static async Task<RunningSandbox> StartAsync(Action<SandboxOptions>? configure = null)
    {
        RunningSandbox sandbox = new(configure);
        await sandbox._app.StartAsync();
        sandbox.Http.BaseAddress = new Uri($"{sandbox._app.Urls.First()}/sandbox/");
        sandbox.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", "dGVzdDp0ZXN0");
        return sandbox;
    }

    public Task<HttpResponseMessage> PushAsync(object body) =>
        Http.PostAsJsonAsync("payhero/api/v2/payments", body);

    /// <summary>Pushes an ordinary prompt and gives its PayHero reference.</summary>
    public async Task<string> PushAsync(string? callbackUrl = null, string phone = "0712345678", string external = "ORD-42-P1")
    {
        using HttpResponseMessage answer = await PushAsync(OrdinaryPush(callbackUrl, phone, external));
        Assert.Equal(201, (int)answer.StatusCode);
        return (await JsonAsync(answer)).GetProperty("reference").GetString()!;
    }

    public static Dictionary<string, object?> OrdinaryPush(
        string? callbackUrl = null, string phone = "0712345678", string external = "ORD-42-P1") => new()
        {
            ["amount"] = 300,
            ["phone_number"] = phone,
            ["channel_id"] = 133,
            ["provider"] = "m-pesa",
            ["external_reference"] = external,
            ["customer_name"] = "Asha",
            ["callback_url"] = callbackUrl,
        };

    public Task<HttpResponseMessage> AnswerAsync(string reference, object answer) =>
        Http.PostAsJsonAsync($"prompts/{reference}/answer", answer);

    public Task<HttpResponseMessage> AnswerAsync(string reference, string body) =>
        Http.PostAsync($"prompts/{reference}/answer", new StringContent(body));

    public Task<HttpResponseMessage> GetAsync(string path) => Http.GetAsync(new Uri(path, UriKind.Relative));

    public static Task<JsonElement> JsonAsync(HttpResponseMessage answer) => answer.Content.ReadFromJsonAsync<JsonElement>();

    public static Task<string> TextAsync(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync();

    public async Task<JsonElement[]> PromptsAsync(string query = "") =>
        (await Http.GetFromJsonAsync<JsonElement[]>($"prompts{query}"))!;

    public async Task<JsonElement> StatusAsync(string reference) =>
        await Http.GetFromJsonAsync<JsonElement>($"payhero/api/v2/transaction-status?reference={reference}");

    public async Task BehaveAsync(string pushes)
    {
        using HttpResponseMessage answer = await Http.PutAsJsonAsync("payhero/behaviour", new { pushes });
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The prompt as soon as its newest callback try satisfies the condition.</summary>
    public async Task<JsonElement> PromptOnceAsync(string reference, Predicate<JsonElement> callback)
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            JsonElement prompt = (await PromptsAsync()).Single(prompt => prompt.GetProperty("reference").GetString() == reference);
            JsonElement tried = prompt.GetProperty("callback");
            if (tried.ValueKind == JsonValueKind.Object && callback(tried))
                return prompt;
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
