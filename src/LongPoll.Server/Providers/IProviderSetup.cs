using LongPoll.Server.Hosting;

namespace LongPoll.Server.Providers;

/// <summary>How a provider joins the house: its services, and what it must not be started with.</summary>
internal interface IProviderSetup
{
    /// <summary>Adds the provider with its clients. With <paramref name="sandbox"/> it works without any configuration.</summary>
    void Add(IServiceCollection services, IConfiguration configuration, bool sandbox);

    /// <summary>Finds what is merely wrong, and refused everywhere.</summary>
    void CheckValues(IConfiguration configuration, ConfigurationProblems problems);

    /// <summary>Finds what is unsafe, and refused outside Development.</summary>
    void CheckSafety(IConfiguration configuration, ConfigurationProblems problems);
}
