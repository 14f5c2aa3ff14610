using LongPoll.Sandbox;
using LongPoll.Sandbox.Phone;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LongPoll.LoadTests.Provider;

/// <summary>PayHero as the server under test sees it: the sandbox, in this process, with prompts that never lapse.</summary>
internal sealed class PretendProvider : IAsyncDisposable
{
    private const int PromptsKept = 1_000_000;

    private readonly WebApplication _app;
    private readonly PromptStore _prompts;
    private int _questions;

    private PretendProvider(Uri listen)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        builder.WebHost.UseUrls(listen.ToString());
        builder.Services.AddSandbox(options =>
        {
            options.PayHeroBasicToken = null;
            options.PromptLife = Timeout.InfiniteTimeSpan;
            options.PromptsKept = PromptsKept;
        });
        _app = builder.Build();
        _app.Use(async (http, next) =>
        {
            if (HttpMethods.IsGet(http.Request.Method))
                Interlocked.Increment(ref _questions);
            await next();
        });
        _app.MapSandbox();
        _prompts = _app.Services.GetRequiredService<PromptStore>();
        PayHeroUrl = new Uri(listen, "/sandbox/payhero");
    }

    /// <summary>What the server needs as PayHero__BaseUrl.</summary>
    public Uri PayHeroUrl { get; }

    /// <summary>How often a server has asked how a payment stands.</summary>
    public int Questions => Volatile.Read(ref _questions);

    public static async Task<PretendProvider> StartAsync(Uri listen, CancellationToken cancel)
    {
        PretendProvider provider = new(listen);
        try
        {
            await provider._app.StartAsync(cancel);
            return provider;
        }
        catch (IOException taken)
        {
            await provider.DisposeAsync();
            throw new RunImpossibleException($"The pretend provider cannot listen on {listen}: {taken.Message}", taken);
        }
    }

    /// <summary>The prompt that an order has just brought to this phone; null when it never reached the provider.</summary>
    public Prompt? NewestOf(string phone)
    {
        IReadOnlyList<Prompt> found = _prompts.Newest(1, prompt => prompt.Msisdn == phone);
        return found.Count == 0 ? null : found[0];
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
