using LongPoll.Server.Jobs;

namespace LongPoll.Server.Links;

internal static class LinksRegistration
{
    public static IServiceCollection AddLinks(this IServiceCollection services) => services
        .AddSingleton<CreateLink>()
        .AddSingleton<PayLink>()
        .AddSingleton<CancelLink>()
        .AddSingleton<LinkOrders>()
        .AddSingleton<IJob, ExpiredLinks>()
        .AddSingleton<IJob, StuckPayments>();
}
