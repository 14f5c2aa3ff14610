using LongPoll.Sandbox.Faults;
using LongPoll.Sandbox.Pages;
using LongPoll.Sandbox.PayHero;
using LongPoll.Sandbox.Phone;
using LongPoll.Sandbox.PhonePe;
using LongPoll.Sandbox.Stripe;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace LongPoll.Sandbox;

/// <summary>Puts the sandbox into a host: <see cref="AddSandbox"/> and <see cref="MapSandbox"/>, nothing else.</summary>
public static class SandboxExtensions
{
    /// <summary>Adds the pretend providers and the pretend phone. The host's own options stay as they are.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Has the last word, after the configuration section <c>Sandbox</c>.</param>
    public static IServiceCollection AddSandbox(this IServiceCollection services, Action<SandboxOptions>? configure = null)
    {
        services.AddOptions<SandboxOptions>()
            .BindConfiguration("Sandbox")
            .Configure(configure ?? (_ => { }))
            .ValidateDataAnnotations()
            .ValidateOnStart();

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<PromptStore>();
        services.AddSingleton<Letters>();
        services.AddSingleton<CallbackSender>();
        services.AddSingleton<PretendPhone>();
        services.AddSingleton<PayHeroBehaviour>();
        services.AddSingleton<PayPageStore>();
        services.AddSingleton<PageRequests>();
        services.AddSingleton<PageLetters>();
        services.AddSingleton<PageSender>();
        services.AddSingleton<PayDesk>();
        services.AddHostedService<PromptLapse>();
        return services;
    }

    /// <summary>Maps everything under <c>/sandbox</c>, outside the host's OpenAPI document.</summary>
    /// <returns>The group of all sandbox routes, so that the host can exempt it from limits of its own.</returns>
    public static RouteGroupBuilder MapSandbox(this IEndpointRouteBuilder endpoints)
    {
        RouteGroupBuilder sandbox = endpoints.MapGroup("/sandbox");
        sandbox.ExcludeFromDescription();
        sandbox.MapPhone();
        sandbox.MapPayHero();
        sandbox.MapPages();
        sandbox.MapStripe();
        sandbox.MapPhonePe();
        return sandbox;
    }
}
