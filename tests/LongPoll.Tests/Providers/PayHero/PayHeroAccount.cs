using LongPoll.Server.Hosting;
using LongPoll.Server.Payments;
using LongPoll.Server.Providers;
using LongPoll.Server.Providers.PayHero;
using LongPoll.Tests.Support;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace LongPoll.Tests.Providers.PayHero;

/// <summary>The provider as it is registered, with its pipelines, a clock of the test's, and PayHero at an address of the test's.</summary>
internal sealed class PayHeroAccount : IAsyncDisposable
{
    public const string PlainToken = "new-token";

    private readonly ServiceProvider _services;

    public PayHeroAccount(string address)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(Clock);
        AddTo(services, address);
        _services = services.BuildServiceProvider();
        Provider = _services.GetRequiredService<IPaymentProvider>();
        Attempt = Given.AttemptOf(Given.Order(), AttemptState.Created);
    }

    public TestTimeProvider Clock { get; } = new();

    public IPaymentProvider Provider { get; }

    public Attempt Attempt { get; }

    /// <summary>Registers the provider with what it needs; clock and logging are the caller's.</summary>
    public static void AddTo(IServiceCollection services, string address)
    {
        services.AddSingleton<IServer, NoServer>();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton<SelfAddress>();
        services.Configure<PayHeroOptions>(options =>
        {
            options.BaseUrl = address;
            options.BasicAuthToken = "dXNlcjpwYXNzd29yZA==";
            options.ChannelId = 3767;
            options.CallbackUrl = "https://shop.example/payhero/callback/";
            options.CallbackToken = PlainToken + ",old-token";
        });
        services.AddPayHero();
    }

    public Task<PaymentReport> StartAsync() =>
        Provider.StartAsync(new Charge(Attempt, "7K3M9QXT", "254712345938", "Tom Mboya"), CancellationToken.None).SoonAsync();

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class NoServer : IServer
    {
        public IFeatureCollection Features { get; } = new FeatureCollection();

        public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
            where TContext : notnull => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public void Dispose()
        {
        }
    }
}
