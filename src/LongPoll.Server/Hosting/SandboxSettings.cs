#if SANDBOX
using LongPoll.Sandbox;
using LongPoll.Server.Providers.PhonePe;
using LongPoll.Server.Providers.Stripe;
using Microsoft.Extensions.Options;
#endif

namespace LongPoll.Server.Hosting;

/// <summary>Section <c>Sandbox</c>: the pretend providers and the pretend phone, hosted inside the server in Development.</summary>
internal sealed class SandboxSettings
{
    /// <summary>Default is true in Development. A published build has no sandbox, whatever stands here.</summary>
    public bool Enabled { get; set; }
}

internal static class SandboxHosting
{
#if SANDBOX
    public const bool Included = true;

    // Whoever sets a secret of their own while they play with the sandbox need not set it twice.
    public static void AddSandboxServices(IServiceCollection services)
    {
        services.AddSandbox();
        services.AddOptions<SandboxOptions>().PostConfigure<IOptions<StripeOptions>, IOptions<PhonePeOptions>>(static (sandbox, stripe, phonePe) =>
        {
            sandbox.StripeWebhookSecret = stripe.Value.WebhookSecrets[0];
            (sandbox.PhonePeSaltKey, sandbox.PhonePeSaltIndex) = phonePe.Value.Salts[0];
            (sandbox.PhonePeWebhookUser, sandbox.PhonePeWebhookPassword) = (phonePe.Value.WebhookUser!, phonePe.Value.WebhookPassword!);
        });
    }

    public static void MapSandboxRoutes(IEndpointRouteBuilder routes) => routes.MapSandbox();
#else
    public const bool Included = false;

    public static void AddSandboxServices(IServiceCollection services)
    {
    }

    public static void MapSandboxRoutes(IEndpointRouteBuilder routes)
    {
    }
#endif
}
