using LongPoll.Server.Providers.PayHero;

namespace LongPoll.Server.Hosting;

/// <summary>What Development needs no configuration for. None of it is ever used elsewhere: the start is refused instead.</summary>
internal static class DevelopmentDefaults
{
    public static void AddDevelopmentDefaults(this IServiceCollection services, bool sandbox)
    {
        services.PostConfigure<SecurityOptions>(options => options.Key = Or(options.Key, "development-only-key-development-only"));
        services.PostConfigure<AdminOptions>(options => options.Key = Or(options.Key, "development-only-admin-key-development-only"));
        services.PostConfigure<JobsOptions>(options => options.CronSecret = Or(options.CronSecret, "development-only-cron-secret"));
        if (sandbox)
        {
            services.PostConfigure<PayHeroOptions>(options =>
            {
                options.BasicAuthToken = Or(options.BasicAuthToken, "c2FuZGJveDpzYW5kYm94");
                options.ChannelId ??= 3767;
                options.CallbackToken = Or(options.CallbackToken, "sandbox-callback-token");
            });
        }
    }

    private static string Or(string? value, string fallback) => string.IsNullOrEmpty(value) ? fallback : value;
}
