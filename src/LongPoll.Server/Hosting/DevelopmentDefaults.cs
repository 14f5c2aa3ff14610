namespace LongPoll.Server.Hosting;

/// <summary>What Development needs no configuration for. None of it is ever used elsewhere: the start is refused instead.</summary>
internal static class DevelopmentDefaults
{
    public static void AddDevelopmentDefaults(this IServiceCollection services)
    {
        services.PostConfigure<SecurityOptions>(options => options.Key = Or(options.Key, "development-only-key-development-only"));
        services.PostConfigure<AdminOptions>(options => options.Key = Or(options.Key, "development-only-admin-key-development-only"));
        services.PostConfigure<JobsOptions>(options => options.CronSecret = Or(options.CronSecret, "development-only-cron-secret"));
    }

    public static string Or(string? value, string fallback) => string.IsNullOrEmpty(value) ? fallback : value;
}
