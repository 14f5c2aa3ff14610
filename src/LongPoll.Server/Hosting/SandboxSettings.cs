#if SANDBOX
using LongPoll.Sandbox;
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

    public static void AddSandboxServices(IServiceCollection services) => services.AddSandbox();

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
